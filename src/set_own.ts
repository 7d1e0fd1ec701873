/**
 * Sets a property of an object itself, where the object lets it: `__proto__` is a key like any other, and what is
 * inherited neither hears of it nor refuses it.
 */
export function setOwn(object: object, key: string, value: unknown, enumerable = false): void {
  Reflect.defineProperty(object, key, { value, enumerable, configurable: true, writable: true });
}
