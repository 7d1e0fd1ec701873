/**
 * Objects that can be transferred to a worker: array buffers, message ports, streams. Structural
 * types, so that no runtime's are needed. A shared buffer matches, but is never transferred.
 */
export type Movable =
  | ArrayBufferLike
  // deno-lint-ignore no-explicit-any
  | { postMessage(message: any, ...rest: any[]): void; start(): void }
  | { readonly locked: boolean }
  | { readonly readable: object; readonly writable: object };
