/** Set while a worker imports job modules; the same for all copies of this package. */
const MARK = Symbol.for("helixrouter.importing");

const scope = globalThis as unknown as Record<symbol, boolean | undefined>;

/** A worker begins to import job modules. */
export function startImport(): void {
  scope[MARK] = true;
}

/** The import is over. */
export function leaveImport(): void {
  scope[MARK] = false;
}

/** Whether a worker is importing job modules right now. */
export function isImporting(): boolean {
  return scope[MARK] === true;
}
