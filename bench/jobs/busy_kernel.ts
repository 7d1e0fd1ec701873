// Does the work of live jobs for as long as it is told to, in ms.

import { hashMixRounds } from "../../src/simulation/kernels/hash_mix.ts";
import { openParent } from "./parent.ts";

const ROUNDS = 10_000;
const parent = openParent();

parent.listen((message) => {
  const endMs = performance.now() + (message as number);
  while (performance.now() < endMs) hashMixRounds(1, ROUNDS);
});
parent.post("hello");
