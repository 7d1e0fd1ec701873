// The way of a job, for people.
import { isClimb, leavesFile } from "./count.mjs";

const TITLES = {
  in: "in: from submit() until the port has posted the call",
  submit: "the rest of submit()",
  between: "until the event that brings the result",
  back: "back: from that event until the promise is settled",
  after: "the rest of that event",
};

/** Prints every call, indented below its caller; `>` leaves the file, `^` also climbs. */
export function printTree(transport, way) {
  const depths = new Map([[null, 0]]);
  for (const [stretch, title] of Object.entries(TITLES)) {
    console.log(`\n== ${transport}, ${title}`);
    let event;
    for (const call of way[stretch]) {
      if (call.event !== event) console.log(`-- ${call.event.type}`);
      event = call.event;
      const depth = depths.get(call.caller);
      depths.set(call, depth + 1);
      const sign = isClimb(call) ? "^" : leavesFile(call) ? ">" : " ";
      console.log(`${sign} ${"  ".repeat(depth)}${call.fn.file}: ${call.fn.name}`);
    }
  }
}

/** Prints what was counted. */
export function printFigures(transport, summary) {
  const { submit, between, after, files, longest, jobs } = summary;
  console.log(`\n== ${transport}: calls that leave a file`);
  for (const name of ["in", "back"]) {
    const { calls, accessors, files, climbs } = summary[name];
    const all = jobs.map((job) => job[name]).join(", ");
    console.log(`${name}: ${calls}, of them ${accessors} getters or setters (of each job: ${all})`);
    console.log(`  enter ${files.length} files:`);
    for (const file of files) console.log(`    ${file}`);
    console.log(`  climb: ${climbs.length}`);
    for (const climb of climbs) console.log(`    ${climb}`);
  }
  console.log(`files of both: ${files.length}`);
  console.log(`longest function: ${longest.lines} lines, ${longest.name}`);
  console.log(
    `not counted: ${submit - summary.in.calls} in the rest of submit(), ${between} until the`,
  );
  console.log(`  event that brings the result, ${after} in the rest of that event`);
  for (const excess of summary.exceeded) console.log(`over the limit: ${excess}`);
}
