import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed } from "../../src/decision/feed.ts";

/** A feed, and how often a listener has failed. */
function createFeed() {
  const errors: string[] = [];
  return { feed: new Feed<number>(() => errors.push("failed")), errors };
}

test("Feed tells each of its listeners, and is heard as long as there are any", () => {
  const { feed } = createFeed();
  const told: string[] = [];
  const hears = [feed.isHeard];
  const [leaveA, leaveB] = ["a", "b"].map((name) => feed.add((event) => told.push(name + event)));
  feed.tell(1);
  hears.push(feed.isHeard);
  leaveA();
  feed.tell(2);
  hears.push(feed.isHeard);
  leaveB();
  feed.tell(3);
  hears.push(feed.isHeard);
  assert.deepEqual(told, ["a1", "b1", "b2"]);
  assert.deepEqual(hears, [false, true, true, false]);
});

test("Feed counts a listener that throws, or whose promise rejects, and tells the others", async () => {
  const { feed, errors } = createFeed();
  let heard = 0;
  feed.add(() => assert.fail());
  feed.add(() => Promise.reject(new Error("later")));
  feed.add(() => heard++);
  feed.tell(1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([errors.length, heard], [2, 1]);
});
