import process from "node:process";

interface Permissions {
  querySync(descriptor: { name: "env"; variable: string }): { state: string };
}

/**
 * Reads an environment variable.
 *
 * @param name Name of the variable.
 * @returns Its value; `undefined` if it is not set, empty, or may not be read.
 */
export function readVariable(name: string): string | undefined {
  // On Deno, only if permission is already granted: a prompt would block the program.
  const { permissions } = (globalThis as { Deno?: { permissions: Permissions } }).Deno ?? {};
  if (permissions?.querySync({ name: "env", variable: name }).state === "granted" || !permissions) {
    return process.env[name] || undefined;
  }
  return undefined;
}
