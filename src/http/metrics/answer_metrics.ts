import type { HonoRequest } from "hono";
import type { RouterStats } from "../../../mod.ts";
import { answerBody } from "../answers/answer.ts";
import { toFamilies } from "./figures.ts";
import { formatFor } from "./text.ts";

/**
 * Answers `GET /metrics`, in OpenMetrics if requested, otherwise in the text format of Prometheus.
 *
 * @param stats What `router.stats()` returned.
 * @param request The request.
 * @returns The response.
 */
export function answerMetrics(stats: RouterStats, request: HonoRequest): Response {
  const format = formatFor(request.header("accept"));
  return answerBody(format.write(toFamilies(stats)), format.contentType, { vary: "accept" });
}
