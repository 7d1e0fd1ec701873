/**
 * What a worker can be given without a copy: array buffers, message ports, streams. Described by
 * their form, so that no runtime's types are needed. A shared buffer fits, but is never moved.
 */
export type Movable =
  | ArrayBufferLike
  // deno-lint-ignore no-explicit-any
  | { postMessage(message: any, ...rest: any[]): void; start(): void }
  | { readonly locked: boolean }
  | { readonly readable: object; readonly writable: object };
