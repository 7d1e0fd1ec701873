// The rooms of the sources, and what is allowed on the way of a job.

/** From the ground up: a call goes down, or stays. */
const FLOORS = [
  ["ground"],
  ["define", "model"],
  ["policy"],
  ["submit"],
  ["transport"],
  ["observe"],
  ["job"],
  ["options"],
  ["lanes"],
  ["decision"],
  ["map"],
  ["runtime"],
  ["at_once.ts"],
  ["router.ts"],
  ["helix_router.ts"],
  ["create"],
];

/**
 * Calls back to the files at the top are climbs, but for the methods of these interfaces. Other calls
 * upwards are what a room was handed: a clock, an admission, the owner of a port.
 */
const TOP = ["at_once.ts", "router.ts", "helix_router.ts", "create"];
const STAIRS = { JobOwner: ["waits", "starts", "settled", "report"], Sink: ["settled"] };

/**
 * Calls that leave a file; files of both stretches together; lines of the longest function. Set
 * to the present counts, so that a further call is a decision.
 */
export const LIMITS = { in: 47, back: 41, files: 37, lines: 44, climbs: 0 };

/** The room a file is in: its folder in `src`; what lies flat there is ground, but for the top. */
export function roomOf(path) {
  const [top, second, third] = path.split("/");
  if (top === "workers") return "transport";
  if (third !== undefined) return second;
  return floorOf(second) === -1 ? "ground" : second;
}

/** Height of a room; -1 for one that is not in the table. */
export function floorOf(room) {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** Whether a call from one function to another climbs back to the top, but not by the stairs. */
export function climbs(from, to) {
  const isAllowed = to.interfaces.some((name) => STAIRS[name]?.includes(to.method));
  const floor = floorOf(roomOf(from.file));
  if (isAllowed || floor === -1 || !TOP.includes(roomOf(to.file))) return false;
  return floor < floorOf(roomOf(to.file));
}
