import { z } from "zod";

/** What is added: the same schema for the facade and for the bare route. */
export default z.object({ a: z.number(), b: z.number() });
