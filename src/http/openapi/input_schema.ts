import * as z from "zod";
import type { StandardSchema } from "../../../mod.ts";

/** A JSON Schema, draft 2020-12: an object of keywords. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Keywords whose values are data. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);

/** Keywords whose values are schemas by name: the names are not keywords. */
const BY_NAME = new Set(["$defs", "dependentSchemas", "patternProperties", "properties"]);

/** The part of Standard JSON Schema (https://standardschema.dev) that is used. */
interface JsonSchemaSource {
  readonly jsonSchema?: {
    readonly input: (options: { readonly target: "draft-2020-12" }) => unknown;
  };
}

/**
 * The JSON Schema of a schema's input, where available: from zod 4, and from all that implement
 * Standard JSON Schema.
 *
 * @param schema The schema.
 * @param place Where the JSON Schema will be in its document, as a reference without a trailing
 * slash: its internal references start there.
 * @returns The JSON Schema; `{}`, which accepts everything, if there is none.
 */
export function inputSchemaOf(schema: StandardSchema | undefined, place: string): JsonSchema {
  if (schema === undefined) return {};
  const told = tellSchema(schema);
  if (typeof told !== "object" || told === null) return {};
  const { $schema: _, ...keywords } = move(told, place) as JsonSchema;
  return keywords;
}

function tellSchema(schema: StandardSchema): unknown {
  try {
    if (isZod4(schema)) return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    const source: object = schema["~standard"];
    return (source as JsonSchemaSource).jsonSchema?.input({ target: "draft-2020-12" });
  } catch {
    return undefined; // a document without this schema is better than none
  }
}

/** Whether a schema was created by zod 4, by any copy of it. */
function isZod4(schema: object): schema is z.core.$ZodType {
  const { vendor } = (schema as StandardSchema)["~standard"];
  return vendor === "zod" && "_zod" in schema;
}

/** Copies a schema, with its internal references moved to its new place. */
function move(schema: unknown, place: string): unknown {
  if (Array.isArray(schema)) return schema.map((part) => move(part, place));
  if (typeof schema !== "object" || schema === null) return schema;
  const moved = Object.entries(schema).map(([keyword, value]) => {
    if (DATA.has(keyword)) return [keyword, value];
    if (keyword === "$ref" && typeof value === "string" && value.startsWith("#")) {
      return [keyword, place + value.slice(1)];
    }
    if (!BY_NAME.has(keyword) || typeof value !== "object" || value === null) {
      return [keyword, move(value, place)];
    }
    const schemas = Object.entries(value).map(([name, one]) => [name, move(one, place)]);
    return [keyword, Object.fromEntries(schemas)];
  });
  return Object.fromEntries(moved);
}
