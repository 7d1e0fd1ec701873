import type { Result } from "../protocol.ts";
import { isResult } from "../result.ts";

/** Results that came by message, in order of their calls. */
export class ResultMail {
  readonly #mail: { readonly call: number; readonly result: Result }[] = [];

  add(call: number, result: Result): void {
    if (isResult(result)) this.#mail.push({ call, result });
  }

  /** Whether the result of a call has come, and is the next one. */
  has(call: number): boolean {
    return this.#mail[0]?.call === call;
  }

  /** Takes the result of a call; `undefined` if it has not come. Older ones were given up. */
  take(call: number): Result | undefined {
    while (this.#mail.length > 0 && ((this.#mail[0].call - call) | 0) < 0) this.#mail.shift();
    return this.has(call) ? this.#mail.shift()!.result : undefined;
  }
}
