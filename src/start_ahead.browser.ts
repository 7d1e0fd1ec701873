import { buildRouter } from "./build_router.ts";
import type * as plain from "./start_ahead.ts";

/** A page has other things to load at first. */
export const startAhead: typeof plain.startAhead = () => undefined;

/** It is there already: a page waits for one file less, and a service worker could not import it later. */
export const loadBuilder: typeof plain.loadBuilder = () => Promise.resolve({ buildRouter });
