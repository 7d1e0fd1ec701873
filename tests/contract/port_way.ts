import assert from "node:assert/strict";
import { test } from "node:test";
import type { Jobs } from "../../src/define/jobs.ts";
import type { PortFactory } from "../../src/transport/port.ts";
import jobs from "../fixtures/port_jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { Owner } from "./port_owner.ts";

/** One way of having a worker. */
export interface PortWay {
  readonly name: string;
  /** Ports whose workers serve `port_jobs.ts`; the router's side believes in the kinds of `set`. */
  readonly ports: (set: Jobs) => PortFactory;
  /** Ports whose workers speak another version of the protocol. */
  readonly otherProtocol: () => PortFactory;
  /** Ports whose workers throw while they are loaded. */
  readonly throwing: () => PortFactory;
  /** Ports whose workers serve `hook_jobs.ts`. */
  readonly hooked: (teardownMs: number) => PortFactory;
  /** Ports whose workers throw in their `setup`. */
  readonly throwingSetup: () => PortFactory;
  /** Whether its entry imports the modules, and can tell what they throw. */
  readonly importsModules: boolean;
  /** Whether `terminate()` stops a synchronous endless loop. */
  readonly stopsLoops: boolean;
  /** Whether the exit code of a worker can be known. */
  readonly tellsExitCode: boolean;
}

/** What every part of the contract needs to test one way of having a worker. */
export type PortSetUp = ReturnType<typeof portSetUp>;

/** The set-up of one way of having a worker. */
export function portSetUp(way: PortWay) {
  const createPort = way.ports(jobs);

  /** A contract test with a ready port, which is ended afterwards. */
  function withPort(name: string, body: (owner: Owner) => Promise<void>): void {
    test(`${way.name}: ${name}`, guarded, async () => {
      const owner = new Owner(createPort);
      try {
        await owner.untilReady();
        await body(owner);
      } finally {
        owner.port.terminate();
        await owner.untilDead();
      }
    });
  }

  function withoutPort(name: string, body: () => Promise<void>): void {
    test(`${way.name}: ${name}`, guarded, body);
  }

  /** Lives a whole life of another worker: whatever the first still had to say has come by then. */
  async function another(): Promise<void> {
    const owner = new Owner(createPort);
    await owner.untilReady();
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
    owner.port.terminate();
    await owner.untilDead();
  }

  return { way, createPort, withPort, withoutPort, another };
}
