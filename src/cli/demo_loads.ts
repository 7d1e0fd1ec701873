import type { HelixRouter } from "../../mod.ts";
import type { DemoLoad } from "../http/mod.ts";
import type { DemoKinds } from "../simulation/mod.ts";
import { feedOverload } from "./overload.ts";
import { feedSyntheticLoad } from "./synthetic_load.ts";

type Name = "simulation" | "overload";
type Feed = (router: HelixRouter<DemoKinds>, signal: AbortSignal) => Promise<void>;

const FEEDS: Readonly<Record<Name, Feed>> = {
  simulation: feedSyntheticLoad,
  overload: feedOverload,
};

/** The loads of the dashboard's buttons, one at a time. An overload ends by itself. */
export class DemoLoads implements DemoLoad {
  readonly #router: HelixRouter<DemoKinds>;
  readonly #say: (text: string) => void;
  #running: { readonly name: Name; readonly controller: AbortController } | null = null;

  /** `say` receives a line when a load starts or ends. */
  constructor(router: HelixRouter<DemoKinds>, say: (text: string) => void) {
    this.#router = router;
    this.#say = say;
  }

  get running(): Name | null {
    return this.#running?.name ?? null;
  }

  start(name: Name): void {
    if (this.running === name) return;
    const before = this.running;
    this.#end();
    this.#feed(name, before);
  }

  stop(): void {
    if (this.#running === null) return;
    this.#say(`${this.running} stopped`);
    this.#end();
  }

  /** `next` is started if it ends by itself. */
  #feed(name: Name, next: Name | null): void {
    const controller = new AbortController();
    this.#running = { name, controller };
    this.#say(`${name} started`);
    const end = (): void => {
      if (this.#running?.controller !== controller) return;
      this.#say(`${name} ended`);
      this.#running = null;
      if (next !== null && !this.#router.closed) this.#feed(next, null);
    };
    FEEDS[name](this.#router, controller.signal).then(end, end);
  }

  #end(): void {
    this.#running?.controller.abort();
    this.#running = null;
  }
}
