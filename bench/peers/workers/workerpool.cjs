const workerpool = require("workerpool");

workerpool.worker(require("../../jobs/work.cjs"));
