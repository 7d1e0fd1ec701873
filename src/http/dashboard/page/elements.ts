/// <reference lib="dom" />

/**
 * The element with this id.
 *
 * @throws {TypeError} If the page has none, or one of another sort.
 */
export function byId(id: string): HTMLElement;
export function byId<E extends Element>(id: string, sort: new () => E): E;
export function byId(id: string, sort: new () => Element = HTMLElement): Element {
  const element = document.getElementById(id);
  if (element instanceof sort) return element;
  throw new TypeError(`There is no such element in the page: ${id}`);
}

/** Makes an element with text or children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  content: string | readonly Node[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  if (typeof content === "string") element.textContent = content;
  else element.append(...content);
  return element;
}

/**
 * Changes text only where it differs: an unchanged page need not be laid out again. Of an element that
 * holds text the text is changed, which costs less than another text in its place.
 */
export function write(element: Element, text: string): void {
  const { firstChild } = element;
  if (element.childNodes.length !== 1 || !(firstChild instanceof Text)) element.textContent = text;
  else if (firstChild.data !== text) firstChild.data = text;
}

/** A small square in a strategy's colour, beside its name. */
export function swatch(colour: string): HTMLElement {
  const square = make("i", "swatch");
  square.dataset.colour = colour.slice(2);
  square.setAttribute("aria-hidden", "true");
  return square;
}

/** Fills the body of a table, row by row, and leaves alone what has not changed. */
export function fillRows(
  body: HTMLTableSectionElement,
  rows: readonly (readonly string[])[],
): void {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [i, row] of rows.entries()) {
    const line = body.rows[i] ?? body.insertRow();
    for (const [j, text] of row.entries()) {
      write(line.cells[j] ?? line.insertCell(), text);
    }
  }
}

/** Tells people who hear the page instead of seeing it; for what matters only. */
export function announce(text: string): void {
  write(byId("announcer"), text);
}
