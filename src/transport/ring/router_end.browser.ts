import type * as full from "./router_end.ts";

// Pages send messages, which are faster there.

export const canShareText: typeof full.canShareText = () => false;

export const openRing: typeof full.openRing = () => ({});
