import { defineJobs, type JobContext } from "../../../src/define/jobs.ts";
import { violations } from "./violations.ts";

/** A sum, and whether it was computed on the page's thread. */
const add = (input: number) => ({ sum: input + 1, here: "document" in globalThis });

/** Keeps its thread busy. */
function spin(ms: number): number {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
  return ms;
}

/** Draws a red square, and gives what is in the middle of it. */
function redden(context: OffscreenCanvasRenderingContext2D | null): number[] {
  context!.fillStyle = "rgb(255, 0, 0)";
  context!.fillRect(0, 0, 4, 4);
  return [...context!.getImageData(2, 2, 1, 1).data];
}

/** What a canvas shows of a picture. */
function shown(picture: CanvasImageSource): number[] {
  const context = new OffscreenCanvas(4, 4).getContext("2d")!;
  context.drawImage(picture, 0, 0);
  return [...context.getImageData(2, 2, 1, 1).data];
}

export default defineJobs(import.meta.url, {
  tiny: { cost: 100, scaling: 0.1, run: add },
  small: { cost: 20_000, scaling: 0.5, run: add },
  big: { cost: 200_000, scaling: 0.5, run: add },
  many: {
    cost: 200_000,
    scaling: 0.9,
    run: add,
    runBatch: (inputs: readonly number[]) => inputs.map(add),
  },

  nap: {
    run: (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms)),
  },
  spin: { run: spin },
  /** Spins for 5 ms, and claims to cost nothing. */
  understated: { cost: 1, scaling: 0, run: () => spin(5) },

  throws: {
    run: (text: string): number => {
      throw new TypeError(text);
    },
  },
  gives_function: { run: () => ({ of: () => 1 }) as unknown },
  reports: {
    run: (count: number, { report }: JobContext) => {
      for (let i = 0; i < count; i++) report({ i });
      return count;
    },
  },

  /** Waits for its signal. */
  waits: {
    run: (_: null, { signal }: JobContext) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  },
  /** Spins until it is aborted. */
  spins_until_aborted: {
    run: (_: null, { isAborted }: JobContext) => {
      while (!isAborted());
    },
  },
  endless: {
    run: (_: null): void => {
      for (;;);
    },
  },
  /** Ends well, and throws after that. */
  throws_late: {
    run: (text: string) => {
      setTimeout(() => {
        throw new RangeError(text);
      });
      return text;
    },
  },
  /** Ends its worker, and never answers. */
  closes: {
    run: () => {
      self.close();
      return new Promise<void>(() => {});
    },
  },
  /** Takes a lock, which it keeps. */
  locks: {
    run: (name: string) => navigator.locks.request(name, () => new Promise<void>(() => {})),
  },
  /** Ends well, and its worker after that. */
  closes_late: { run: () => void setTimeout(() => self.close()) },

  draws: {
    transfer: (canvas: OffscreenCanvas) => [canvas],
    transferOutput: ({ picture }: { picture: ImageBitmap }) => [picture],
    run: (canvas: OffscreenCanvas) => {
      redden(canvas.getContext("2d"));
      return { picture: canvas.transferToImageBitmap() };
    },
  },
  looks: {
    transfer: (picture: ImageBitmap | VideoFrame) => [picture],
    run: (picture: ImageBitmap | VideoFrame) => shown(picture),
  },
  /** Draws on a canvas that the page shows. */
  draws_there: {
    transfer: (canvas: OffscreenCanvas) => [canvas],
    run: (canvas: OffscreenCanvas) => redden(canvas.getContext("2d")),
  },

  violations: { run: () => [...violations] },
});
