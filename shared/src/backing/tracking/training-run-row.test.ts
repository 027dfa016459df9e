import { describe, expect, it } from "vitest";
import { figuresOf, type TrainingRunRow, trackedRun } from "./training-run-row.ts";

const ROW: TrainingRunRow = {
  run_id: "0197c0de-0000-7000-8000-000000000001",
  model_name: "rating",
  status: "succeeded",
  parameters: { seed: 2 },
  metrics: {
    artifactSha256: "abc",
    report: {
      metrics: { rmse: 0.7, testFrom: "2012-01-01", baselines: { mean: 1 } },
      settings: { seed: 2, epochs: 15, testFrom: "2012-01-01" },
      epochs: { chosen: 9, validationRmse: [0.9, 0.8] },
      slices: [{ films: 50 }],
      linearShare: 0.4,
    },
  },
  input_hash: "i",
  dataset_hash: "d",
  views_hash: "v",
  backend: "wasm",
  started_at: new Date("2026-07-01T12:00:00Z"),
  ended_at: null,
};

describe("a run of the database, as tracking shows it", () => {
  it("has the report's figures by their path and its settings, defaults included, as text", () => {
    expect(trackedRun(ROW)).toEqual({
      runId: ROW.run_id,
      name: "rating",
      status: "succeeded",
      parameters: { seed: "2", epochs: "15", testFrom: "2012-01-01" },
      metrics: { rmse: 0.7, "baselines.mean": 1, "epochs.chosen": 9, linearShare: 0.4 },
      tags: { inputHash: "i", datasetHash: "d", viewsHash: "v", backend: "wasm" },
      startedAt: "2026-07-01T12:00:00.000Z",
      endedAt: undefined,
    });
  });

  it("has what it was told alone while it runs", () => {
    expect(trackedRun({ ...ROW, metrics: null })).toMatchObject({ parameters: { seed: "2" }, metrics: {} });
  });
});

it("figures are the finite numbers, wherever they lie, but in no list", () => {
  const figures = figuresOf({ a: 1, b: { c: { d: 2 } }, text: "3", none: null, list: [4], flag: true });
  expect(figures).toEqual({ a: 1, "b.c.d": 2 });
});
