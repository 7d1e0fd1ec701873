/** One thing that is wrong with an input. */
export interface SchemaIssue {
  /** What is wrong and what is wanted. */
  readonly message: string;
  /** Where, as keys from the outside in. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** What a schema answers. */
export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<SchemaIssue> };

/**
 * The part of the Standard Schema interface (https://standardschema.dev, version 1) that the
 * router uses.
 *
 * @typeParam In What goes in.
 * @typeParam Out What comes out.
 */
export interface StandardSchema<In = unknown, Out = In> {
  /** The interface proper. */
  readonly "~standard": {
    /** Version of the interface. */
    readonly version: 1;
    /** Name of the schema library. */
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    /** Carries the types; never there at run time. */
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}
