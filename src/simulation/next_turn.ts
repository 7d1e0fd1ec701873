// Kept, as tests replace it by a fake.
const { setTimeout } = globalThis;

/** A turn of the event loop, after all promises have settled. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
