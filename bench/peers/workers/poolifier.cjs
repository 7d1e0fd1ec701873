const { ThreadWorker } = require("poolifier");

module.exports = new ThreadWorker(require("../../jobs/work.cjs"));
