import { writeFileSync } from "node:fs";
import type { Comparison } from "../../simulation/mod.ts";
import { UsageError } from "../exit_code.ts";

/** A point of a curve. */
interface Point {
  readonly load: number;
  readonly contestant: string;
  readonly share: number;
}

/** A cell of a heat map. */
export interface HeatCell {
  readonly contestant: string;
  readonly workload: string;
  readonly costSays: string;
  /** What the contestant does divided by what the oracle does, 1 at most. */
  readonly score: number;
}

const CURVES = { width: 560, height: 320 };
const CELL = 44;

/** Draws the share of the jobs in budget over the load, a curve for each contestant. */
export async function plotCurves(path: string, comparisons: readonly Comparison[]): Promise<void> {
  const values: Point[] = comparisons.flatMap(({ load, contestants }) =>
    contestants.map(({ name, count }) => ({ load, contestant: name, share: count.mean }))
  );
  const [{ workload, costSays }] = comparisons;
  await draw(path, {
    title: `${workload}, costs say ${costSays}`,
    ...CURVES,
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "load",
        type: "quantitative",
        scale: { type: "log", nice: false },
        axis: { title: "load, as a share of what the cores can do", values: loadsOf(values) },
      },
      y: {
        field: "share",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { title: "jobs in budget", format: "%" },
      },
      color: { field: "contestant", type: "nominal", sort: null },
    },
  });
}

function loadsOf(points: readonly Point[]): number[] {
  return [...new Set(points.map(({ load }) => load))];
}

/** Draws how contestants do beside the oracle: a map of workloads and words for each. */
export async function plotHeatMap(
  path: string,
  title: string,
  values: readonly HeatCell[],
): Promise<void> {
  const x = {
    field: "costSays",
    type: "nominal",
    sort: null,
    axis: { title: "costs say", labelAngle: 0 },
  };
  const y = { field: "workload", type: "nominal", sort: null, axis: { title: null } };
  const isDark = "datum.score < 0.55";
  await draw(path, {
    title,
    columns: 1,
    data: { values },
    facet: {
      field: "contestant",
      type: "nominal",
      sort: null,
      header: { title: null },
    },
    spec: {
      width: { step: CELL + 16 },
      height: { step: CELL / 2 },
      layer: [
        {
          mark: { type: "rect", stroke: "white" },
          encoding: {
            x,
            y,
            color: {
              field: "score",
              type: "quantitative",
              scale: { domain: [0, 1], scheme: "viridis" },
              legend: { title: "by the oracle's" },
            },
          },
        },
        {
          mark: { type: "text", fontSize: 11 },
          encoding: {
            x,
            y,
            text: { field: "score", type: "quantitative", format: ".2f" },
            color: { condition: { test: isDark, value: "white" }, value: "black" },
          },
        },
      ],
    },
  });
}

/** Draws a Vega-Lite specification, and writes it as SVG. */
async function draw(path: string, spec: object): Promise<void> {
  const { vega, lite } = await loadVega();
  const view = new vega.View(
    vega.parse(lite.compile({ background: "white", ...spec } as never).spec),
    {
      renderer: "none",
    },
  );
  const svg = await view.toSVG();
  view.finalize();
  try {
    writeFileSync(path, svg + "\n");
  } catch (error) {
    throw new UsageError(`Cannot write --plot ${path}: ${error}`);
  }
}

/** Not written where they are imported: who runs the program without a plot need not load them. */
const PACKAGES = ["vega", "vega-lite"] as const;

interface Vega {
  readonly vega: typeof import("vega");
  readonly lite: typeof import("vega-lite");
}

async function loadVega(): Promise<Vega> {
  try {
    const [vega, lite] = await Promise.all(
      PACKAGES.map((name) => import(/* webpackIgnore: true */ name)),
    );
    return { vega, lite };
  } catch (cause) {
    throw new UsageError("--plot needs two packages: npm install vega vega-lite", { cause });
  }
}
