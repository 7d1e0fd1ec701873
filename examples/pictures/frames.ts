/** What is told of the frames of a page. */
export interface Frames {
  /** Time between each two of them, in ms. */
  readonly gapsMs: readonly number[];
  readonly longestMs: number;
}

/** Draws a turning helix on each frame, and keeps the time between them while something is awaited. */
export class Animation {
  readonly #context: CanvasRenderingContext2D;
  #gapsMs: number[] = [];
  #lastMs = performance.now();

  constructor(canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext("2d")!;
    requestAnimationFrame(this.#frame);
  }

  /** Frames from now until a promise is settled. */
  async during(work: () => Promise<void>): Promise<Frames> {
    await new Promise(requestAnimationFrame);
    this.#gapsMs = [];
    await work();
    await new Promise(requestAnimationFrame);
    return { gapsMs: this.#gapsMs, longestMs: Math.max(...this.#gapsMs) };
  }

  #frame = (nowMs: number): void => {
    this.#gapsMs.push(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#draw(nowMs / 600);
    requestAnimationFrame(this.#frame);
  };

  /** Two strands, the beads in front larger. */
  #draw(angle: number): void {
    const context = this.#context;
    const { width, height } = context.canvas;
    context.clearRect(0, 0, width, height);
    for (let x = 8; x < width; x += 14) {
      for (const turn of [0, Math.PI]) {
        const at = angle + x / 60 + turn;
        const depth = (1 + Math.cos(at)) / 2;
        context.fillStyle = turn === 0 ? "#7c3aed" : "#0891b2";
        context.globalAlpha = 0.35 + 0.65 * depth;
        context.beginPath();
        context.arc(x, height / 2 + Math.sin(at) * height * 0.38, 2.5 + 4 * depth, 0, 7);
        context.fill();
      }
    }
  }
}
