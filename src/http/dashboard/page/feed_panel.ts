/// <reference lib="dom" />
import type { Client } from "./client.ts";
import type { CostSample } from "./cost_sample.ts";
import { DecisionStream, type SeenDecision } from "./decision_stream.ts";
import { byId, make, swatch, write } from "./elements.ts";
import { showClock, showCount, showMs, showRoundMs, showShort } from "./format.ts";
import { Recent } from "./recent.ts";
import { lookOf, LOOKS } from "./strategy.ts";

const KEPT = 500;
const SHOWN = 50;
/** Nobody reads faster, and each row costs. */
const PERIOD_MS = 500;

interface Entry {
  readonly decision: SeenDecision;
  readonly at: Date;
}

/** The feed of decisions: listens only while it can be seen and is not paused. */
export class Feed {
  readonly #stream: DecisionStream;
  readonly #entries = new Recent<Entry>(KEPT);
  readonly #body = byId("feed-body", HTMLTableSectionElement);
  readonly #kind = byId("feed-kind", HTMLSelectElement);
  readonly #strategy = byId("feed-strategy", HTMLSelectElement);
  readonly #reason = byId("feed-reason", HTMLInputElement);
  readonly #pause = byId("feed-pause", HTMLButtonElement);
  readonly #sample: CostSample;
  #isPaused = false;
  #isInView = false;
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawnAtMs = -Infinity;
  #missed = 0;
  #state: "open" | "closed" | "absent" | "idle" = "idle";

  constructor(client: Client, sample: CostSample) {
    this.#sample = sample;
    this.#stream = new DecisionStream(client, {
      decisions: (decisions, missed) => this.#take(decisions, missed),
      state: (state) => {
        this.#state = state;
        this.#drawSoon();
      },
    });
    for (const { strategy, label } of LOOKS) this.#strategy.append(new Option(label, strategy));
    byId("feed-filters").addEventListener("submit", (event) => event.preventDefault());
    for (const select of [this.#kind, this.#strategy]) {
      select.addEventListener("change", () => {
        this.#missed = 0;
        this.#listen();
        this.#drawNow();
      });
    }
    this.#reason.addEventListener("input", () => this.#drawNow());
    this.#pause.addEventListener("click", () => {
      this.#isPaused = !this.#isPaused;
      this.#pause.setAttribute("aria-pressed", String(this.#isPaused));
      write(this.#pause, this.#isPaused ? "Resume" : "Pause");
      this.#listen();
      this.#drawNow();
    });
    document.addEventListener("visibilitychange", () => this.#listen());
    client.addEventListener("token", () => {
      this.#stream.stop();
      this.#listen();
    });
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.#isInView = isIntersecting;
      this.#listen();
    }, { rootMargin: "200px" }).observe(byId("feed"));
  }

  /** Offers the kinds for the filter. */
  offerKinds(kinds: Iterable<string>): void {
    for (const kind of kinds) {
      if ([...this.#kind.options].some(({ value }) => value === kind)) continue;
      this.#kind.append(new Option(kind, kind));
    }
  }

  #listen(): void {
    if (this.#isPaused || !this.#isInView || document.hidden || this.#state === "absent") {
      this.#stream.stop();
    } else {
      this.#stream.listen(this.#kind.value, this.#strategy.value);
    }
  }

  #take(decisions: readonly SeenDecision[], missed: number): void {
    const at = new Date();
    for (const decision of decisions) {
      this.#entries.add({ decision, at });
      this.#sample.add(decision.kind, decision.strategy, decision.computeCost);
    }
    this.offerKinds(new Set(decisions.map(({ kind }) => kind)));
    this.#missed += missed;
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const draw = () =>
      requestAnimationFrame((nowMs) => {
        this.#isDue = false;
        this.#drawnAtMs = nowMs;
        this.#draw();
      });
    this.#timer = setTimeout(draw, this.#drawnAtMs + PERIOD_MS - performance.now());
  }

  /** What the reader does is answered at once. */
  #drawNow(): void {
    clearTimeout(this.#timer);
    this.#isDue = false;
    this.#drawnAtMs = -Infinity;
    this.#drawSoon();
  }

  #draw(): void {
    const kind = this.#kind.value;
    const strategy = this.#strategy.value;
    const reason = this.#reason.value.trim().toLowerCase();
    const entries = this.#entries.newest(
      SHOWN,
      ({ decision }) =>
        (kind === "" || decision.kind === kind) &&
        (strategy === "" || decision.strategy === strategy) &&
        decision.reason.toLowerCase().includes(reason),
    );
    while (this.#body.rows.length > entries.length) this.#body.deleteRow(-1);
    for (const [i, entry] of entries.entries()) {
      drawRow(this.#body.rows[i] ?? addRow(this.#body), entry);
    }
    const empty = byId("feed-empty");
    empty.hidden = entries.length > 0;
    write(empty, this.#entries.size > 0 ? "No decision passes the filter." : this.#tellEmpty());
    write(byId("feed-note"), this.#tell());
  }

  #tellEmpty(): string {
    return this.#state === "absent" ? "This server has no feed of decisions." : "No decisions yet.";
  }

  #tell(): string {
    if (this.#isPaused) return "paused";
    if (this.#state === "closed") return "not connected";
    if (this.#state !== "open") return "–";
    return this.#missed === 0 ? "live" : `live, a sample: ${showShort(this.#missed)} not shown`;
  }
}

/** Classes of the cells; those that are `wide` have no room on a phone. */
const CELLS = ["", "", "", "", "", "", "wide", "wide", "wide", "wide"];

function addRow(body: HTMLTableSectionElement): HTMLTableRowElement {
  const row = body.insertRow();
  for (const className of CELLS) row.append(make("td", className));
  row.cells[3].append(swatch("--muted"), make("span"));
  row.cells[4].append(make("code"));
  return row;
}

function drawRow(row: HTMLTableRowElement, { decision, at }: Entry): void {
  const { load } = decision;
  const look = lookOf(decision.strategy);
  const [square, label] = row.cells[3].children;
  (square as HTMLElement).dataset.colour = look.colour.slice(2);
  write(label, look.label);
  write(
    row.cells[4].children[0],
    decision.moved === true ? `${decision.reason}, moved` : decision.reason,
  );
  write(row.cells[0], showClock(at));
  write(row.cells[1], String(decision.jobId));
  write(row.cells[2], decision.kind);
  write(row.cells[5], showShort(decision.computeCost));
  write(row.cells[6], showRoundMs(decision.latencyBudgetMs));
  write(row.cells[7], `${load.poolRunning}/${load.cpuParallelism}`);
  write(row.cells[8], showCount(load.poolWaiting));
  write(row.cells[9], showMs(load.loopLagMs));
}
