// What every port must do, whatever worker it is built on. `port_test.ts` runs it for each way of
// having a worker on the runtime at hand.
import { portAborts } from "./port_aborts.ts";
import { portCalls } from "./port_calls.ts";
import { portDeaths } from "./port_deaths.ts";
import { portOutcomes } from "./port_outcomes.ts";
import { portStarts } from "./port_starts.ts";
import { portValues } from "./port_values.ts";
import { portSetUp, type PortWay } from "./port_way.ts";

/** Runs the contract for one way of having a worker. */
export function portContract(way: PortWay): void {
  const setUp = portSetUp(way);
  portCalls(setUp);
  portOutcomes(setUp);
  portAborts(setUp);
  portValues(setUp);
  portDeaths(setUp);
  portStarts(setUp);
}
