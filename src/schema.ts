/** One problem with an input. */
export interface SchemaIssue {
  /** What is wrong and what is wanted. */
  readonly message: string;
  /** Where, as keys, the outermost first. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** The result of a validation. */
export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<SchemaIssue> };

/**
 * The part of the Standard Schema interface (https://standardschema.dev, version 1) that the
 * router uses.
 *
 * @typeParam In Type of the input.
 * @typeParam Out Type of the validated value.
 */
export interface StandardSchema<In = unknown, Out = In> {
  /** The properties of the standard. */
  readonly "~standard": {
    /** Version of the interface. */
    readonly version: 1;
    /** Name of the schema library. */
    readonly vendor: string;
    /** Validates a value. */
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    /** Carries the types; never set at run time. */
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}
