/// <reference lib="dom" />
import { keepToken, takeToken } from "./token.ts";

/** One thing that is wrong with a request. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An answer that is not what was asked for. */
export class AnswerError extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];

  constructor(status: number, message: string, issues: readonly Issue[]) {
    super(message);
    this.name = "AnswerError";
    this.status = status;
    this.issues = issues;
  }
}

/** The page's way to its server. The base follows from the script's own address. */
export class Client extends EventTarget {
  readonly #base = new URL("../", import.meta.url);
  #token = takeToken(window);

  constructor() {
    super();
    // Another address of the same page, pasted into the same tab, loads nothing.
    addEventListener("hashchange", () => this.#use(takeToken(window)));
  }

  /** Takes a token that was typed in. */
  useToken(token: string): void {
    keepToken(window, token);
    this.#use(token);
  }

  /** Reads JSON. */
  get(path: string, signal?: AbortSignal): Promise<unknown> {
    return this.#ask(path, { signal });
  }

  /** Sends JSON, and reads JSON. */
  send(method: "POST" | "PATCH", path: string, body: unknown): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    return this.#ask(path, { method, headers, body: JSON.stringify(body) });
  }

  /**
   * Makes a request with the token.
   *
   * @throws {AnswerError} If the answer is an error.
   */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    const response = await fetch(new URL(path, this.#base), {
      ...init,
      headers,
      cache: "no-store",
      credentials: "same-origin",
    });
    if (response.ok) return response;
    throw await errorOf(response);
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    return await (await this.fetch(path, init)).json();
  }

  #use(token: string | undefined): void {
    this.#token = token;
    this.dispatchEvent(new Event("token"));
  }
}

async function errorOf(response: Response): Promise<AnswerError> {
  const body = await response.json().catch(() => undefined) as
    | { error?: { message?: string; issues?: readonly Issue[] } }
    | undefined;
  const message = body?.error?.message ?? `The server answers ${response.status}`;
  return new AnswerError(response.status, message, body?.error?.issues ?? []);
}
