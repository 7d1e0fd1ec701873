import type { HonoRequest } from "hono";
import { cut } from "../answers/bounded_error.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import { parseJson } from "./parse_json.ts";

/** Supported content types. */
export type BodyType = "application/json" | "application/octet-stream" | "application/x-ndjson";

/**
 * Returns the content type of a request.
 *
 * @param request The request.
 * @param wanted The types that are accepted.
 * @returns One of these.
 * @throws {RefusedRequestError} If it is none of them (415).
 */
export function bodyType(request: HonoRequest, wanted: readonly BodyType[]): BodyType {
  const type = request.header("content-type") ?? "";
  for (const one of wanted) if (type === one) return one;
  const bare = type.split(";", 1)[0].trimEnd().toLowerCase();
  for (const one of wanted) if (bare === one) return one;
  const found = type === "" ? "none" : JSON.stringify(cut(type, 80));
  const names = wanted.map((one) => `"${one}"`).join(" or ");
  throw new RefusedRequestError(
    415,
    "unsupported_media_type",
    `Cannot read body as its content type must be ${names}: received ${found}`,
  );
}

/**
 * Reads a request's body as JSON.
 *
 * @param request The request.
 * @param maxBytes Maximum size of the body, in bytes.
 * @returns The value.
 * @throws {RefusedRequestError} If it is too large (413), or not acceptable JSON (400).
 */
export async function readJson(request: HonoRequest, maxBytes: number): Promise<unknown> {
  return parseJson(await readText(request, maxBytes));
}

/**
 * Reads a request's body as UTF-8 text; throws as `readJson()`. The runtime's own `text()` is much
 * faster than decoding bytes, but replaces invalid UTF-8 by U+FFFD: detected by its length.
 */
export async function readText(request: HonoRequest, maxBytes: number): Promise<string> {
  const length = request.header("content-length");
  if (length === undefined) return decode(await readBytes(request, maxBytes));
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  let text: string;
  try {
    text = await request.text();
  } catch {
    throw notWhole();
  }
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  if (text.includes("\ufffd") && new TextEncoder().encode(text).length !== Number(length)) {
    throw notUtf8();
  }
  return text;
}

/** Made when it is first needed: some test environments have none, and may import this. */
let utf8: TextDecoder | undefined;

function decode(bytes: Uint8Array): string {
  try {
    return (utf8 ??= new TextDecoder("utf-8", { fatal: true })).decode(bytes);
  } catch {
    throw notUtf8();
  }
}

function notUtf8(): RefusedRequestError {
  return new RefusedRequestError(400, "invalid_json", "Cannot read body as it is not UTF-8");
}

function notWhole(): RefusedRequestError {
  const message = "Cannot read body as it is incomplete";
  return new RefusedRequestError(400, "invalid_body", message);
}

/** Reads a request's body; throws as `readJson()`. */
export async function readBytes(
  request: HonoRequest,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = request.header("content-length");
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  try {
    // Hono caches a body that an earlier middleware has read.
    if (length === undefined && !request.raw.bodyUsed) {
      return await readChunks(request.raw.body ?? [], maxBytes);
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return bytes;
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw notWhole();
  }
}

async function readChunks(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
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
