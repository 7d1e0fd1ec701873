/**
 * The rooms of `src/`, from the ground up, and what each may import: the rooms named, and the ground.
 * `:types` admits types only. An import of what a named room imports is not included.
 *
 * The ground is what lies flat in `src/` but for what is at the top, {@linkcode TOP}, which may import any room.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  ground: [],
  define: [],
  model: [],
  policy: ["model:types"],
  submit: ["define"],
  transport: ["define"],
  observe: ["policy", "define"],
  job: ["submit", "policy", "define", "model", "observe:types"],
  options: ["define", "policy", "transport:types", "observe:types"],
  lanes: ["define", "job", "policy", "options", "model:types", "transport:types", "observe:types"],
  decision: ["lanes:types", "job", "policy", "options", "observe:types"],
  map: ["job", "options", "submit:types", "policy:types", "observe:types"],
  runtime: ["transport", "define:types"],
  workers: ["transport", "define", "runtime"],
};

/** The files at the top, above all rooms, and the folder of what creates a router. */
export const TOP: readonly string[] = [
  "src/at_once.ts",
  "src/router.ts",
  "src/helix_router.ts",
  "src/create/",
];

/** Parts that see the rest through `mod.ts` only. */
export const EDGES: readonly string[] = ["http", "simulation", "testing", "cli", "otel"];

/**
 * The room of a file: a key of {@linkcode ROOMS}, an edge, `top`, `mod`, `bin`; `package` for what is
 * not ours.
 */
export function roomOf(path: string): string {
  if (path === "mod.ts") return "mod";
  if (TOP.some((one) => path === one || (one.endsWith("/") && path.startsWith(one)))) return "top";
  const [first, second, third] = path.split("/");
  if (first === "src") return third === undefined ? "ground" : second;
  return ["workers", "bin"].includes(first) && path.endsWith(".ts") ? first : "package";
}
