/// <reference lib="dom" />
import { AnswerError, type Client } from "./client.ts";
import { type Config, type Field, readFigure, toChange, toFields } from "./config_shape.ts";
import { announce, byId, make, write } from "./elements.ts";

/** What fields are called, and what they are counted in. */
const TITLES: Readonly<Record<string, readonly [title: string, unit: string]>> = {
  cpuParallelism: ["Calls at a time", "calls"],
  cpuQueueCapacity: ["Pool queue", "jobs"],
  spawnQueueCapacity: ["Spawn queue", "jobs"],
  spawnConcurrency: ["Spawned at a time", "jobs"],
  inlineSliceMs: ["Inline slice", "ms"],
  batchMaxSize: ["Batch size", "jobs"],
  batchMaxDelayMs: ["Batch delay", "ms"],
  abortGraceMs: ["Abort grace", "ms"],
  "policy.inlineThreshold": ["Tiny up to", "cost"],
  "policy.spawnThreshold": ["Medium up to", "cost"],
  "policy.inlineScalingLimit": ["Inline below scaling", "0–1"],
  "policy.spawnScalingLimit": ["Spawn below scaling", "0–1"],
  "policy.batchScalingThreshold": ["Batch from scaling", "0–1"],
};

interface Answer {
  readonly config: Config;
  readonly writable: readonly string[];
}

interface Row {
  readonly input: HTMLInputElement;
  readonly problem: HTMLElement;
}

/** The configuration, to look at and to change while the router runs. */
export class ConfigPanel {
  readonly #client: Client;
  readonly #changed: (names: readonly string[]) => void;
  readonly #rows = new Map<string, Row>();
  readonly #apply = byId("config-apply", HTMLButtonElement);
  readonly #discard = byId("config-discard", HTMLButtonElement);
  #fields: readonly Field[] = [];

  /** @param changed Told which figures were changed. */
  constructor(client: Client, changed: (names: readonly string[]) => void) {
    this.#client = client;
    this.#changed = changed;
    byId("config-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#discard.addEventListener("click", () => this.#show(this.#fields));
    client.addEventListener("token", () => void this.load());
  }

  /**
   * Reads the configuration, which others may have changed, unless someone is editing it. Without one,
   * or where it cannot be read, the panel stays away.
   */
  async load(): Promise<void> {
    if (this.#edits().size > 0) return;
    try {
      const answer = await this.#client.get("api/config") as Answer;
      if (this.#edits().size > 0) return; // begun meanwhile
      this.#take(answer);
      byId("config").hidden = false;
    } catch (error) {
      if (error instanceof AnswerError && error.status === 404) byId("config").hidden = true;
    }
  }

  #take({ config, writable }: Answer): void {
    this.#show(toFields(config, writable));
  }

  #show(fields: readonly Field[]): void {
    this.#fields = fields;
    for (const { path, value } of fields) {
      const row = this.#rows.get(path) ?? this.#addRow(path);
      row.input.value = value === null ? "" : String(value);
    }
    this.#tell([]);
    this.#look();
  }

  #addRow(path: string): Row {
    const [title, unit] = TITLES[path] ?? [path, ""];
    const id = `config-${path.replace(".", "-")}`;
    const input = make("input");
    input.id = id;
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.placeholder = "no limit";
    const problem = make("small", "problem");
    problem.id = `${id}-problem`;
    input.setAttribute("aria-describedby", problem.id);
    input.addEventListener("input", () => this.#look());
    const label = make("label", "", [make("span", "", title), make("small", "", unit)]);
    label.htmlFor = id;
    label.title = path;
    byId("config-fields").append(make("div", "field", [label, input, problem]));
    const row = { input, problem };
    this.#rows.set(path, row);
    return row;
  }

  #edits(): Map<string, number | null> {
    return new Map(
      this.#fields.flatMap(({ path, value }): [string, number | null][] => {
        const figure = readFigure(this.#rows.get(path)!.input.value);
        return Object.is(figure, value) ? [] : [[path, figure]];
      }),
    );
  }

  #look(): void {
    const edits = this.#edits();
    for (const [path, { input }] of this.#rows) input.classList.toggle("edited", edits.has(path));
    this.#apply.disabled = this.#discard.disabled = edits.size === 0;
  }

  async #send(): Promise<void> {
    const edits = this.#edits();
    if (edits.size === 0) return;
    const wrong = [...edits].filter(([, value]) => Number.isNaN(value));
    if (wrong.length > 0) {
      return this.#tell(wrong.map(([path]) => ({ path: [path], message: "Must be a number" })));
    }
    this.#apply.disabled = true;
    try {
      const change = toChange(edits);
      this.#take(await this.#client.send("PATCH", "api/config", change) as Answer);
      announce(`Configuration changed: ${[...edits.keys()].join(", ")}`);
      this.#changed([...edits.keys()]);
    } catch (error) {
      const issues = error instanceof AnswerError ? error.issues : [];
      this.#tell(issues, issues.length > 0 ? "" : problemOf(error));
    } finally {
      this.#look();
    }
  }

  /** Puts each issue beside its field, and what belongs to none below them all. */
  #tell(
    issues: readonly { path: readonly (string | number)[]; message: string }[],
    other = "",
  ): void {
    const rest = [other];
    for (const [path, { input, problem }] of this.#rows) {
      const own = issues.filter((issue) => issue.path.join(".") === path);
      write(problem, own.map(({ message }) => message).join(". "));
      input.setAttribute("aria-invalid", String(own.length > 0));
    }
    for (const { path, message } of issues) {
      if (!this.#rows.has(path.join("."))) rest.push(`${path.join(".")}: ${message}`);
    }
    write(byId("config-problem"), rest.filter((text) => text !== "").join(" "));
    const first = [...this.#rows.values()].find(({ problem }) => problem.textContent !== "");
    first?.input.focus();
  }
}

function problemOf(error: unknown): string {
  if (error instanceof AnswerError && error.status === 401) {
    return "The server wants its token: open the page at the address the program printed.";
  }
  return error instanceof AnswerError ? error.message : "The server does not answer.";
}
