import type { HonoRequest } from "hono";
import { RefusedRequestError } from "./answer.ts";

/** Deeper than any sensible input, and shallow enough for every recursion it will meet. */
const MAX_DEPTH = 200;

/**
 * Reads a request's body as JSON.
 *
 * @param request The request.
 * @param maxBytes The body may have this many bytes.
 * @returns The value.
 * @throws {RefusedRequestError} If it is not said to be JSON (415), too large (413), or no JSON that
 * can be taken (400).
 */
export async function readJson(request: HonoRequest, maxBytes: number): Promise<unknown> {
  const type = request.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const found = type === "" ? "none" : JSON.stringify(type.slice(0, 80));
    throw new RefusedRequestError(
      415,
      "unsupported_media_type",
      `Cannot read body as its content type must be "application/json": received ${found}`,
    );
  }
  if (Number(request.header("content-length")) > maxBytes) throw tooLarge(maxBytes);
  return parseJson(decode(await readBytes(request, maxBytes)));
}

async function readBytes(request: HonoRequest, maxBytes: number): Promise<Uint8Array> {
  try {
    // Hono has kept a body that a middleware before this has read.
    if (request.header("content-length") === undefined && !request.raw.bodyUsed) {
      return await readChunks(request.raw.body ?? [], maxBytes);
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw invalidJson("not all of it has come");
  }
}

async function readChunks(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function tooLarge(maxBytes: number): RefusedRequestError {
  const message = `Cannot read body as it must have at most ${maxBytes} bytes`;
  return new RefusedRequestError(413, "too_large", message);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidJson("it is not UTF-8");
  }
}

/**
 * Parses JSON from outside.
 *
 * @throws {RefusedRequestError} If it is no JSON, is nested too deep, or has keys that would change
 * prototypes where it is merged (400).
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw invalidJson(`it is nested deeper than ${MAX_DEPTH} levels`);
  try {
    // The reviver is slow, so it is only for texts that may hold one of the keys it looks for.
    return /proto|\\u/.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text);
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw invalidJson("it is not JSON");
  }
}

/** A job that merges its input into an object of its own must not change all objects. */
function refusePrototype(key: string, value: unknown): unknown {
  const isConstructor = key === "constructor" && typeof value === "object" && value !== null &&
    Object.hasOwn(value, "prototype");
  if (isConstructor) throw invalidJson('it has the key "constructor.prototype"');
  if (key === "__proto__") throw invalidJson('it has the key "__proto__"');
  return value;
}

/** Counts brackets outside of strings; what is not JSON anyway may give either answer. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === 0x5c) i++; // the character after a backslash
      else if (code === 0x22) isString = false;
    } else if (code === 0x22) {
      isString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return false;
}

function invalidJson(why: string): RefusedRequestError {
  return new RefusedRequestError(400, "invalid_json", `Cannot read body as ${why}`);
}
