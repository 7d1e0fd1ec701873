/**
 * The only file that imports `@std/async`. `deno.json` and `tsconfig*.json` map the name to a
 * package, and the npm build inlines it here, so that npm consumers get no dependency.
 *
 * The types are written out because the mirror on npm has none, and because the declaration file
 * must not name a package that npm consumers do not have.
 *
 * @module
 */
// @ts-ignore: the npm mirror is plain JavaScript
import { delay as stdDelay } from "@std/async/delay";
// @ts-ignore: the npm mirror is plain JavaScript
import { pooledMap as stdPooledMap } from "@std/async/pool";

/** Resolves after `ms` milliseconds; rejects with the signal's reason if that aborts first. */
export const delay: (ms: number, options?: { signal?: AbortSignal }) => Promise<void> = stdDelay;

/** Maps `items` with at most `limit` calls of `map` at a time; yields the results in order. */
export const pooledMap: <T, R>(
  limit: number,
  items: Iterable<T> | AsyncIterable<T>,
  map: (item: T) => Promise<R>,
) => AsyncIterableIterator<R> = stdPooledMap;
