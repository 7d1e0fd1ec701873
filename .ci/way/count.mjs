// From the calls that were recorded to the figures.
import { climbs, floorOf, roomOf } from "./rooms.mjs";

/** Whether the caller stands in another file; the user and the runtime do. */
export function leavesFile({ fn, caller }) {
  return caller?.fn.file !== fn.file;
}

/** Whether it goes up where it must not. */
export function isClimb({ fn, caller }) {
  return caller !== null && climbs(caller.fn, fn);
}

/** What ran within a turn of the event loop goes on in its microtasks. */
const MICROTASKS = ["Microtask", "PROMISE", "TickObject"];

/**
 * Cuts the way of a job into stretches:
 *
 * - `in`: from `submit()` until the port has posted the call,
 * - `submit`: what is left of `submit()`,
 * - `between`: what the router does until the event that brings the result,
 * - `back`: from that event until the job's promise is settled,
 * - `after`: what is left of that event.
 */
export function cut({ calls, submittedAt, settledAt }) {
  const post = calls.find(({ fn }) => fn.method === "post" && fn.interfaces.includes("WorkerPort"));
  if (post === undefined) {
    throw new Error(`Cannot follow the job: no "post" of a WorkerPort among ${calls.length} calls`);
  }
  const { event: last, bringsAt } = findResult(calls, submittedAt, settledAt);
  const within = (from, to) => calls.filter(({ at }) => at > from && at <= to);
  return {
    in: within(0, post.until),
    submit: within(post.until, submittedAt),
    between: within(Math.max(post.until, submittedAt), bringsAt),
    back: within(bringsAt, settledAt),
    after: within(settledAt, Infinity).filter(({ event }) => event === last),
  };
}

/**
 * The event in which the promise is settled, and when the turn of the event loop began that it is part of:
 * the turn brings the result. If that is still the turn of `submit()`, the microtask does.
 */
function findResult(calls, submittedAt, settledAt) {
  const events = new Set(calls.map(({ event }) => event));
  const later = [...events].filter(({ at }) => at > submittedAt && at < settledAt);
  const turn = later.findLast(({ type }) => !MICROTASKS.includes(type)) ?? later.at(-1);
  return { event: later.at(-1), bringsAt: turn.at };
}

/** Counts the calls of a stretch that leave their file. */
export function measure(calls) {
  const leaving = calls.filter(leavesFile);
  return {
    calls: leaving.length,
    accessors: leaving.filter(({ fn }) => fn.isAccessor).length,
    files: filesOf(leaving),
    climbs: leaving.filter(isClimb).map(({ fn, caller }) => `${shown(caller.fn)} → ${shown(fn)}`),
  };
}

/** The figures of a way that was cut. */
export function summarize({ in: inward, submit, between, back, after }) {
  const way = [...inward, ...back];
  const { fn } = way.toSorted((a, b) => b.fn.lines - a.fn.lines)[0];
  const files = filesOf(way);
  return {
    in: measure(inward),
    submit: measure([...inward, ...submit]).calls,
    between: measure(between).calls,
    back: measure(back),
    after: measure(after).calls,
    files,
    longest: { name: shown(fn), lines: fn.lines },
    unknownRooms: [...new Set(files.map(roomOf))].filter((room) => floorOf(room) === -1),
  };
}

/** Calls on the way in and back, in short. */
export function countBoth(way) {
  return { in: measure(way.in).calls, back: measure(way.back).calls };
}

/** What of a summary is over the limits. */
export function exceeded(summary, limits) {
  const figures = {
    in: [summary.in.calls, "calls that leave a file on the way in"],
    back: [summary.back.calls, "calls that leave a file on the way back"],
    files: [summary.files.length, "files"],
    lines: [summary.longest.lines, `lines in ${summary.longest.name}`],
    climbs: [summary.in.climbs.length + summary.back.climbs.length, "calls that climb"],
  };
  const over = Object.entries(figures).filter(([name, [figure]]) => figure > limits[name])
    .map(([name, [figure, what]]) => `${figure} ${what}, limit ${limits[name]}`);
  return [...over, ...summary.unknownRooms.map((room) => `no floor for the room ${room}`)];
}

const filesOf = (calls) => [...new Set(calls.map(({ fn }) => fn.file))].sort();

const shown = ({ file, name }) => `${file}: ${name}`;
