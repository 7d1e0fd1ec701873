// The worker of the message baselines: one message in, one message out.

import { openParent } from "./parent.ts";
import { type JobName, loadWork } from "./work.ts";

/** What the main thread says first. */
export interface RawInit {
  readonly job: JobName;
  /** `one`: a message is an input; `many`: an array of them; `moved`: bytes, given back by transfer. */
  readonly mode: "one" | "many" | "moved";
}

const parent = openParent();
const work = await loadWork();
let answer: ((message: unknown) => void) | undefined;

parent.listen((message) => {
  if (answer !== undefined) return answer(message);
  const { job, mode } = message as RawInit;
  const run = work[job] as (input: unknown) => unknown;
  answer = {
    one: (input: unknown) => parent.post(run(input)),
    many: (inputs: unknown) => parent.post((inputs as unknown[]).map(run)),
    moved: (bytes: unknown) => parent.post(bytes, [(bytes as Uint8Array<ArrayBuffer>).buffer]),
  }[mode];
  parent.post("ready");
});
parent.post("hello");
