/**
 * Objects that can be transferred to a worker: array buffers, message ports, streams, on pages also canvases, images
 * and frames. Structural types, so that no runtime's are needed: those of `Transferable` match. A shared buffer
 * matches, but is never transferred.
 */
export type Movable =
  | ArrayBufferLike
  // deno-lint-ignore no-explicit-any
  | { postMessage(message: any, ...rest: any[]): void; start(): void }
  | { readonly locked: boolean }
  | { readonly readable: object; readonly writable: object }
  | { transferToImageBitmap(): object } // an OffscreenCanvas
  | { readonly width: number; readonly height: number; close(): void } // an ImageBitmap
  | { readonly timestamp: number; clone(): object; close(): void } // a VideoFrame, AudioData
  | { readonly label: string; readonly bufferedAmount: number; close(): void } // an RTCDataChannel
  | { readonly mediaSource?: undefined }; // a MediaSourceHandle, which shows nothing
