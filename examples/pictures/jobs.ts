import { defineJobs } from "helixrouter/jobs";
import { type Resize, resize } from "./resize.ts";

export default defineJobs(import.meta.url, {
  resize: { cost: ({ picture }: Resize) => picture.size, run: resize },
});
