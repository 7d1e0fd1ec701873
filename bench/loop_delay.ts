const TICK_MS = 2;

/**
 * Watches how late the event loop is, until the function it gives is called: that gives the delays,
 * in ms. Ticks that a blocked loop has swallowed count as late, too.
 */
export function watchLoopDelay(): () => number[] {
  const delaysMs: number[] = [];
  let dueMs = performance.now() + TICK_MS;
  const tick = (): void => {
    const nowMs = performance.now();
    for (let lateMs = nowMs - dueMs; lateMs > 0; lateMs -= TICK_MS) delaysMs.push(lateMs);
    dueMs = nowMs + TICK_MS;
    timer = setTimeout(tick, TICK_MS);
  };
  let timer = setTimeout(tick, TICK_MS);
  return () => {
    clearTimeout(timer);
    return delaysMs;
  };
}
