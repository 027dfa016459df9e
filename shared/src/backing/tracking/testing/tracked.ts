import { randomBytes } from "node:crypto";
import type { ModelMetrics } from "../../../contracts/model-version.ts";
import type { CalendarDate, Instant } from "../../../contracts/time.ts";
import { fixedClock } from "../../../service/clock.ts";
import { uuidv7 } from "../../../service/ids.ts";
import type { TrackedRun, TrackedVersion } from "../model-tracking.ts";

export const METRICS: ModelMetrics = {
  rmse: 0.7123456789012345,
  mae: 0.6,
  r2: 0.3,
  spearman: 0.55,
  bias: -0.02,
  coverage: 0.9,
  testedFilms: 900,
  testFrom: "2012-01-01" as CalendarDate,
  baselines: { mean: 1 },
  members: {},
};

const clock = fixedClock("2026-07-01T12:00:00.000Z");

/** A model that no other test has: what is recorded of one may never go away. */
export function newModelName(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}

/** A run that succeeded, unless told otherwise. */
export function trackedRun(name: string, fields: Partial<TrackedRun> = {}): TrackedRun {
  return {
    runId: uuidv7(clock),
    name,
    status: "succeeded",
    parameters: { seed: "1", learningRate: "0.015", testFrom: "2012-01-01" },
    metrics: { rmse: 0.7123456789012345, "baselines.mean": 1, testedFilms: 900 },
    tags: { inputHash: "in", datasetHash: "data", viewsHash: "views", backend: "wasm" },
    startedAt: "2026-07-01T12:00:00.250Z" as Instant,
    endedAt: "2026-07-01T12:03:00.500Z" as Instant,
    ...fields,
  };
}

export function trackedVersion({ name, runId }: TrackedRun, version: number): TrackedVersion {
  return {
    name,
    version,
    runId,
    artifactKey: `models/rating/${version}`,
    sha256: String(version).repeat(64),
    metrics: METRICS,
  };
}
