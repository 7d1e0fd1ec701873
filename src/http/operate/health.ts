import type { HelixRouter } from "../../../mod.ts";
import { answerJson } from "../answers/answer.ts";

/** Answers `GET /healthz`, for liveness probes: whether the process should be kept. */
export function answerHealth(router: Pick<HelixRouter<unknown>, "closed">): Response {
  return router.closed ? answerJson(503, { status: "closed" }) : answerJson(200, { status: "ok" });
}

/** Answers `GET /readyz`, for readiness probes: whether jobs should be sent here now. */
export function answerReadiness(router: Pick<HelixRouter<unknown>, "obstacle">): Response {
  const { obstacle } = router;
  return obstacle === null
    ? answerJson(200, { status: "ready" })
    : answerJson(503, { status: obstacle });
}
