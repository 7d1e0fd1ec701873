/** A picture that is to be made smaller. */
export interface Resize {
  readonly picture: Blob;
  /** Width to be, in pixels. */
  readonly width: number;
}

/** Pixels, four numbers each. */
interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Makes a picture smaller by Lanczos' filter, which is sharper than what canvases do, and slower. */
export async function resize({ picture, width }: Resize): Promise<Blob> {
  const bitmap = await createImageBitmap(picture);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const height = Math.max(1, Math.round(bitmap.height * width / bitmap.width));
  // Once along the rows, once along the columns.
  const { data } = turnedAndNarrowed(turnedAndNarrowed(pixels, width), height);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
  return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
}

/** Rows of this width, each as a column. */
function turnedAndNarrowed({ data, width, height }: Pixels, length: number): Pixels {
  const turned = new Uint8ClampedArray(length * height * 4);
  const scale = width / length;
  for (let x = 0; x < length; x++) {
    const center = (x + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(center - 3 * scale));
    const weights = weightsOf(first, Math.min(width - 1, center + 3 * scale), center, scale);
    for (let y = 0; y < height; y++) {
      let red = 0, green = 0, blue = 0, opacity = 0;
      let at = (y * width + first) * 4;
      for (const weight of weights) {
        red += weight * data[at++];
        green += weight * data[at++];
        blue += weight * data[at++];
        opacity += weight * data[at++];
      }
      const to = (x * height + y) * 4;
      turned[to] = red;
      turned[to + 1] = green;
      turned[to + 2] = blue;
      turned[to + 3] = opacity;
    }
  }
  return { data: turned, width: height, height: length };
}

/** What each pixel from `first` to `last` counts, all together 1. */
function weightsOf(first: number, last: number, center: number, scale: number): number[] {
  const weights: number[] = [];
  for (let i = first; i <= last; i++) weights.push(lanczos((i - center) / scale));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 3) return 0;
  const angle = Math.PI * x;
  return 3 * Math.sin(angle) * Math.sin(angle / 3) / (angle * angle);
}
