/// <reference lib="dom" />
import { AnswerError, type Client } from "./client.ts";
import { announce, byId } from "./elements.ts";

type Run = "simulation" | "overload";

const LABELS: Readonly<Record<Run | "stop", string>> = {
  simulation: "Simulation",
  overload: "Overload",
  stop: "Stop",
};

/** The buttons that put a load on the router, where the server has one to give. */
export class DemoButtons {
  readonly #client: Client;
  readonly #needsToken: () => void;
  readonly #happened: (label: string) => void;
  readonly #buttons: readonly (readonly [Run | "stop", HTMLButtonElement])[];
  #running: Run | null | undefined;
  #isAbsent = false;

  /**
   * @param needsToken Called when the server wants a token.
   * @param happened Told what was started or stopped, by this page or another.
   */
  constructor(client: Client, needsToken: () => void, happened: (label: string) => void) {
    this.#client = client;
    this.#needsToken = needsToken;
    this.#happened = happened;
    this.#buttons = (["simulation", "overload", "stop"] as const)
      .map((run) => [run, byId(`run-${run}`, HTMLButtonElement)] as const);
    for (const [run, button] of this.#buttons) {
      button.addEventListener("click", () => void this.#run(run));
    }
  }

  /** Asks what is running; a server without a load of its own is asked once. */
  async look(): Promise<void> {
    if (this.#isAbsent) return;
    try {
      this.#show(await this.#client.get("api/demo") as { running: Run | null });
      byId("demo").hidden = false;
    } catch (error) {
      this.#isAbsent = error instanceof AnswerError && error.status === 404;
      if (this.#isAbsent) byId("demo").hidden = true;
    }
  }

  async #run(run: Run | "stop"): Promise<void> {
    try {
      this.#show(await this.#client.send("POST", "api/demo", { run }) as { running: Run | null });
      announce(run === "stop" ? "Demo load stopped" : `${LABELS[run]} running`);
    } catch (error) {
      if (error instanceof AnswerError && error.status === 401) this.#needsToken();
      else announce(error instanceof AnswerError ? error.message : "The server does not answer");
    }
  }

  #show({ running }: { running: Run | null }): void {
    for (const [run, button] of this.#buttons) {
      if (run === "stop") button.disabled = running === null;
      else button.setAttribute("aria-pressed", String(run === running));
    }
    const before = this.#running;
    this.#running = running;
    if (before !== undefined && before !== running) {
      this.#happened(running === null ? "Stopped" : LABELS[running]);
    }
  }
}
