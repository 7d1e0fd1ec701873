import type { OnPage } from "./page/page.ts";

/** What runs on the page: it sees only its arguments, which must be JSON, as what it returns. */
export type Body<R, A> = (onPage: OnPage, argument: A) => R | Promise<R>;

/** The page of the tests, open in a browser. */
export interface OpenPage extends AsyncDisposable {
  /** What the page has complained of on the console: errors, and warnings. Not all browsers tell. */
  readonly complaints: readonly string[];
  /** Runs a function on the page, whatever its security policy. */
  run<R, A = undefined>(body: Body<R, A>, argument?: A): Promise<R>;
  /** How many workers the page has; `undefined` where the browser does not tell. */
  countWorkers(): number | undefined;
}

/** The call of a function on the page, as text. */
export function callOf<R, A>(body: Body<R, A>, argument: A): string {
  return `(${body})(onPage, ${JSON.stringify(argument)})`;
}
