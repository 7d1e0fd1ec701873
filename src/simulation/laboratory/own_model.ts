// A router with a model of run times of one's own: the laboratory's only way past `mod.ts`.
export { createRouterWith } from "../../create/create_router.ts";
export { RunTimeModel } from "../../model/model.ts";
export type { KindIndex, Prediction } from "../../model/prediction.ts";
