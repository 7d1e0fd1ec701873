const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** FNV-1a over the bits of numbers, 32 at a time: whatever differs in a last bit differs here. */
export class Digest {
  #hash = 0x811c9dc5;

  add(value: number): void {
    double[0] = value;
    this.#hash = Math.imul(this.#hash ^ words[0], 0x01000193);
    this.#hash = Math.imul(this.#hash ^ words[1], 0x01000193);
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 0x01000193);
    }
  }

  get hex(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }
}
