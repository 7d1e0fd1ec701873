/** Set while a worker imports job modules; the same for all copies of this package. */
const MARK = Symbol.for("helixrouter.importing");

const scope = globalThis as unknown as Record<symbol, boolean | undefined>;

/** Notes that a worker starts to import job modules, or has finished. */
export function setImporting(isImporting: boolean): void {
  scope[MARK] = isImporting;
}

/** Whether a worker is importing job modules right now. */
export function isImporting(): boolean {
  return scope[MARK] === true;
}
