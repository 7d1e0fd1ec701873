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
  ["runtime"],
  ["router.ts"],
  ["helix_router.ts"],
  ["create_router.ts"],
];

/** Interfaces whose methods may be called from below. */
const STAIRS = { JobOwner: ["waits", "starts", "settled", "report"] };

/** Calls that leave a file; files of both stretches together; lines of the longest function. */
export const LIMITS = { in: 30, back: 20, files: 14, lines: 40, climbs: 0 };

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

/** Whether a call from one function to another goes up, but not by the stairs. */
export function climbs(from, to) {
  const isAllowed = to.interfaces.some((name) => STAIRS[name]?.includes(to.method));
  const floor = floorOf(roomOf(from.file));
  return !isAllowed && floor !== -1 && floor < floorOf(roomOf(to.file));
}
