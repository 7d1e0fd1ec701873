import * as helixrouter from "../../../mod.ts";
import jobs from "./jobs.ts";
import { violations } from "./violations.ts";

/** Trusted types, which TypeScript does not know yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
// A page that allows no other policy makes workers of what this one has passed.
const policy = trustedTypes?.createPolicy("helix", { createScriptURL: (url) => url });
const typed = (url: string): string => policy?.createScriptURL(url) ?? url;
const entry = new URL("./jobs.worker.js", import.meta.url).href;

/** Sends every job to a worker. */
const pooled: helixrouter.Policy = {
  name: "pooled",
  decide: () => ({ strategy: "cpu_pool", reason: "told" }),
};

const onPage = {
  ...helixrouter,
  jobs,
  pooled,
  violations,
  /** A URL as the page's policy wants it. */
  typed,
  worker: (): Worker => new Worker(typed(entry), { type: "module" }),
};

/** What a test has on the page. */
export type OnPage = typeof onPage;

Object.assign(globalThis, { onPage });
document.documentElement.dataset.ready = "";
