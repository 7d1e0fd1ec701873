/** A record of the names and the values at the same index. */
export function named<Name extends string, Value>(
  names: readonly Name[],
  values: readonly Value[],
): Record<Name, Value> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, Value>;
}

/** Adds to the count of a name. */
export function addTo(counts: Record<string, number>, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
}
