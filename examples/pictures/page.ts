// Resizes pictures while an animation runs: on this thread, or through the router.
import { createRouter } from "helixrouter";
import { Animation, type Frames } from "./frames.ts";
import jobs from "./jobs.ts";
import { resize } from "./resize.ts";

const WIDTH = 240;
const COUNT = Number(new URLSearchParams(location.search).get("pictures") ?? 24);

const worker = () => new Worker(new URL("./jobs.worker.js", import.meta.url), { type: "module" });
const router = await createRouter({ jobs, worker });
const animation = new Animation(document.querySelector("canvas")!);

/** How each button has its pictures resized; `show` is called with each. */
const WAYS: Readonly<
  Record<string, (pictures: Blob[], show: (small: Blob) => void) => Promise<void>>
> = {
  async direct(pictures, show) {
    for (const picture of pictures) show(await resize({ picture, width: WIDTH }));
  },
  async router(pictures, show) {
    const inputs = pictures.map((picture) => ({ picture, width: WIDTH }));
    for await (const small of router.map("resize", inputs)) show(small);
  },
};

/** A picture as a camera might have taken it: large, and no two alike. */
async function paint(number: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(1_600, 1_200);
  const context = canvas.getContext("2d")!;
  const sky = context.createLinearGradient(0, 0, 0, canvas.height);
  sky.addColorStop(0, `hsl(${number * 47 % 360} 70% 30%)`);
  sky.addColorStop(1, `hsl(${(number * 47 + 60) % 360} 80% 75%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (let ridge = 0; ridge < 5; ridge++) {
    context.fillStyle = `hsl(${(number * 47 + 200) % 360} 35% ${45 - ridge * 9}%)`;
    context.beginPath();
    context.moveTo(0, canvas.height);
    for (let x = 0; x <= canvas.width; x += 20) {
      const wave = Math.sin(x / (90 + 37 * ridge) + number * 3 + ridge) + Math.sin(x / 31 + number);
      context.lineTo(x, 560 + ridge * 130 + wave * (70 - ridge * 8));
    }
    context.lineTo(canvas.width, canvas.height);
    context.fill();
  }
  return await canvas.convertToBlob({ type: "image/jpeg" });
}

async function chosen(): Promise<Blob[]> {
  const { files } = document.querySelector<HTMLInputElement>("input[type=file]")!;
  if (files !== null && files.length > 0) return [...files];
  return await Promise.all(Array.from({ length: COUNT }, (_, number) => paint(number)));
}

/** Each gap between two frames as a bar, those that are seen in red. */
function drawGaps(canvas: HTMLCanvasElement, { gapsMs }: Frames): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const totalMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
  let x = 0;
  for (const gapMs of gapsMs) {
    const wide = gapMs / totalMs * width;
    const high = Math.min(1, gapMs / 250) * height;
    context.fillStyle = gapMs > 50 ? "#dc2626" : "#16a34a";
    context.fillRect(x, height - high, Math.max(1, wide - 1), high);
    x += wide;
  }
}

async function run(section: HTMLElement): Promise<void> {
  const list = section.querySelector("ol")!;
  list.replaceChildren();
  const pictures = await chosen();
  const show = (small: Blob) => {
    const image = new Image();
    image.src = URL.createObjectURL(small);
    image.alt = "";
    list.append(document.createElement("li"));
    list.lastElementChild!.append(image);
  };
  const startedMs = performance.now();
  const frames = await animation.during(() => WAYS[section.id](pictures, show));
  const tookS = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const seen = frames.gapsMs.filter((gapMs) => gapMs > 50).length;
  drawGaps(section.querySelector("canvas")!, frames);
  section.querySelector("output")!.value = `${pictures.length} pictures in ${tookS} s, ` +
    `${frames.gapsMs.length} frames; longest gap ${Math.round(frames.longestMs)} ms, ` +
    `${seen} over 50 ms`;
}

const buttons = [...document.querySelectorAll("button")];
for (const button of buttons) {
  button.addEventListener("click", async () => {
    for (const each of buttons) each.disabled = true;
    await run(button.closest("section")!);
    for (const each of buttons) each.disabled = false;
  });
}
document.documentElement.dataset.ready = "";
