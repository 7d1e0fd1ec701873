/// <reference lib="dom" />
import { announce, byId, write } from "./elements.ts";
import type { Connection } from "./poller.ts";

/** Says how the page stands with its server. */
export class ConnectionLine {
  readonly #line = byId("connection");
  readonly #text = byId("connection-text");
  readonly #retry = byId("retry", HTMLButtonElement);
  #state: Connection["state"] = "connecting";
  #countdown: ReturnType<typeof setInterval> | undefined;

  /** @param retry Called when the reader does not want to wait. */
  constructor(retry: () => void) {
    this.#retry.addEventListener("click", retry);
    byId("token-form").addEventListener("submit", (event) => event.preventDefault());
  }

  /** Shows it. */
  show(connection: Connection): void {
    const before = this.#state;
    this.#state = connection.state;
    this.#line.dataset.state = connection.state;
    document.body.classList.toggle("stale", connection.state === "lost");
    clearInterval(this.#countdown);
    this.#retry.hidden = connection.state !== "lost";
    if (connection.state === "locked") this.askForToken();
    // One that a button has asked for stays until it is filled in.
    if (before === "locked" && connection.state === "live") byId("token-form").hidden = true;
    if (connection.state === "lost") {
      const tell = () => {
        const seconds = Math.max(0, Math.ceil((connection.retryAtMs - performance.now()) / 1_000));
        write(this.#text, `${connection.problem}, next try in ${seconds} s`);
      };
      tell();
      this.#countdown = setInterval(tell, 1_000);
      if (before !== "lost") announce("Connection lost");
      return;
    }
    if (before === "lost" && connection.state === "live") announce("Connected again");
    const texts = { connecting: "Connecting", live: "Live", hidden: "Resting", locked: "Locked" };
    write(this.#text, texts[connection.state]);
  }

  /** Shows the field for the token. */
  askForToken(): void {
    byId("token-form").hidden = false;
    byId("token", HTMLInputElement).focus();
  }
}
