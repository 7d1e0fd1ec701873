/**
 * Runs in the page: text that stands out less from what is behind it than WCAG's 4.5 to 1 (3 to 1 where
 * it is large). What is disabled is left out, as there.
 */
export function lowContrasts(): string[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  canvas.canvas.width = canvas.canvas.height = 1;

  /** A colour laid over another, as bytes. */
  const paint = (colours: readonly string[]): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (bytes: readonly number[]): number => {
    const [r, g, b] = bytes.map((byte) => {
      const part = byte / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  /** Backgrounds from the page to the element. */
  const backgroundsOf = (element: Element | null): string[] =>
    element === null
      ? ["white"]
      : [...backgroundsOf(element.parentElement), getComputedStyle(element).backgroundColor];

  const found = new Set<string>();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement!;
    const text = texts.currentNode.textContent!.trim();
    if (text === "" || !element.checkVisibility() || element.closest(":disabled, .unseen")) {
      continue;
    }
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const behind = backgroundsOf(element);
    const [a, b] = [luminance(paint([...behind, color])), luminance(paint(behind))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.add(`${text}: ${ratio.toFixed(2)} (${color})`);
  }
  return [...found];
}
