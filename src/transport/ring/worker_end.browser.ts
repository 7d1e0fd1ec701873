import type * as full from "./worker_end.ts";

// Routers of pages send messages.

export const openRingMailbox: typeof full.openRingMailbox = () => undefined;
