import { z } from "zod";
import type { Instant } from "../../contracts/time.ts";
import { isMarqueeError } from "../../service/errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { RunOrigin, TrackedRun, TrackedRunStatus } from "./model-tracking.ts";

/** MLflow's own limits of one batch. */
const METRICS_A_BATCH = 1_000;
const PARAMETERS_A_BATCH = 100;
const RUNS_A_PAGE = 1_000;

/** Our id of a run; MLflow gives one of its own. */
export const RUN_ID_TAG = "marquee.run_id";

const ORIGIN_TAGS = {
  inputHash: "marquee.input_hash",
  datasetHash: "marquee.dataset_hash",
  viewsHash: "marquee.views_hash",
  backend: "marquee.backend",
} as const satisfies Record<keyof RunOrigin, string>;

/** KILLED and SCHEDULED are MLflow's and never written by us. */
const STATUSES: Record<TrackedRunStatus, string> = { running: "RUNNING", succeeded: "FINISHED", failed: "FAILED" };

export const nothingSchema = z.unknown();
const experimentSchema = z.object({ experiment_id: z.string(), lifecycle_stage: z.string() });

const pairs = z.array(z.object({ key: z.string(), value: z.string() })).default([]);
const runSchema = z.object({
  info: z.object({
    run_id: z.string(),
    status: z.string(),
    start_time: z.number(),
    end_time: z.number().nullish(),
    artifact_uri: z.string(),
  }),
  data: z.object({
    metrics: z.array(z.object({ key: z.string(), value: z.number() })).default([]),
    params: pairs,
    tags: pairs,
  }),
});
const pageSchema = z.object({ runs: z.array(runSchema).default([]), next_page_token: z.string().optional() });

/** A run as MLflow answers it. */
export type MlflowRun = z.infer<typeof runSchema>;

/** The experiment of a model's runs. */
function experimentOf(name: string): string {
  return `marquee/${name}`;
}

export function tagsOf(values: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** The server's words for "there already" and "not there" are no failure where either is as good. */
export async function unless<T>(code: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMarqueeError(error, "TRACKING_REFUSED") && error.details.code === code) return undefined;
    throw error;
  }
}

export async function recordRun(client: MlflowClient, run: TrackedRun): Promise<void> {
  const experiment = await ensureExperiment(client, run.name);
  const found = await searchRuns(client, experiment, run.runId);
  const known = found.find(({ info }) => info.status !== STATUSES.running) ?? found[0];
  if (known && known.info.status !== STATUSES.running) return;
  const id = known?.info.run_id ?? (await createRun(client, experiment, run));
  await logBatches(client, id, run);
  // Last, so that a run which has ended is known to be whole.
  if (run.status === "running") return;
  const end_time = Date.parse(run.endedAt ?? run.startedAt);
  await client.post("runs/update", nothingSchema, { run_id: id, status: STATUSES[run.status], end_time });
}

/** @returns the runs of a model, the earliest first, equals by our id; of one that MLflow holds twice the one that has ended */
export async function listRuns(client: MlflowClient, name: string, runId?: string): Promise<MlflowRun[]> {
  const experiment = await findExperiment(client, name);
  if (!experiment) return [];
  const byId = new Map<string, MlflowRun>();
  for (const run of await searchRuns(client, experiment.experiment_id, runId)) {
    const id = ourIdOf(run);
    if (id !== undefined && byId.get(id)?.info.status !== STATUSES.succeeded) byId.set(id, run);
  }
  // MLflow orders by time alone, and equals by its own id.
  return [...byId]
    .sort(([a, left], [b, right]) => left.info.start_time - right.info.start_time || (a < b ? -1 : 1))
    .map(([, run]) => run);
}

export function trackedRun(name: string, run: MlflowRun): TrackedRun {
  const tags = new Map(run.data.tags.map(({ key, value }) => [key, value]));
  const origin = Object.entries(ORIGIN_TAGS).map(([field, tag]) => [field, tags.get(tag) ?? ""]);
  const { status, start_time, end_time } = run.info;
  return {
    runId: ourIdOf(run) ?? "",
    name,
    status: statusOf(status),
    parameters: Object.fromEntries(run.data.params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(run.data.metrics.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(origin) as RunOrigin,
    startedAt: instant(start_time),
    endedAt: end_time ? instant(end_time) : undefined,
  };
}

function ourIdOf(run: MlflowRun): string | undefined {
  return run.data.tags.find(({ key }) => key === RUN_ID_TAG)?.value;
}

/** Somebody may have ended a run in MLflow by another of its words; for us it did not succeed. */
function statusOf(status: string): TrackedRunStatus {
  if (status === STATUSES.running) return "running";
  return status === STATUSES.succeeded ? "succeeded" : "failed";
}

function instant(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString() as Instant;
}

async function findExperiment(client: MlflowClient, name: string) {
  const schema = z.object({ experiment: experimentSchema });
  const query = { experiment_name: experimentOf(name) };
  const found = await unless("RESOURCE_DOES_NOT_EXIST", client.get("experiments/get-by-name", schema, query));
  return found?.experiment;
}

async function ensureExperiment(client: MlflowClient, name: string): Promise<string> {
  const known = await findExperiment(client, name);
  if (!known) {
    const schema = z.object({ experiment_id: z.string() });
    const creation = client.post("experiments/create", schema, { name: experimentOf(name) });
    const created = await unless("RESOURCE_ALREADY_EXISTS", creation);
    // Another has made it in between.
    return created?.experiment_id ?? ensureExperiment(client, name);
  }
  const { experiment_id, lifecycle_stage } = known;
  // A name stays taken when its experiment is deleted in MLflow, and takes no runs.
  if (lifecycle_stage === "deleted") await client.post("experiments/restore", nothingSchema, { experiment_id });
  return experiment_id;
}

/** Every run of ours in the experiment, or the one with our id; runs that were deleted in MLflow are not among them. */
async function searchRuns(client: MlflowClient, experiment: string, runId?: string): Promise<MlflowRun[]> {
  const runs: MlflowRun[] = [];
  let token: string | undefined;
  do {
    const page = await client.post("runs/search", pageSchema, {
      experiment_ids: [experiment],
      max_results: RUNS_A_PAGE,
      order_by: ["attributes.start_time ASC"],
      ...(runId === undefined ? {} : { filter: `tags.\`${RUN_ID_TAG}\` = '${runId}'` }),
      ...(token === undefined ? {} : { page_token: token }),
    });
    runs.push(...page.runs);
    token = page.next_page_token;
  } while (token !== undefined && token !== "");
  return runs;
}

async function createRun(client: MlflowClient, experiment: string, run: TrackedRun): Promise<string> {
  const origin = Object.entries(ORIGIN_TAGS).map(([field, tag]) => [tag, run.tags[field as keyof RunOrigin]]);
  const created = await client.post("runs/create", z.object({ run: runSchema }), {
    experiment_id: experiment,
    run_name: run.runId,
    start_time: Date.parse(run.startedAt),
    tags: tagsOf({ [RUN_ID_TAG]: run.runId, ...Object.fromEntries(origin) }),
  });
  return created.run.info.run_id;
}

/** Sent again, equal parameters and metrics change nothing. */
async function logBatches(client: MlflowClient, id: string, run: TrackedRun): Promise<void> {
  const timestamp = Date.parse(run.endedAt ?? run.startedAt);
  const metrics = Object.entries(run.metrics).map(([key, value]) => ({ key, value, timestamp, step: 0 }));
  const params = tagsOf(run.parameters);
  const log = (batch: object) => client.post("runs/log-batch", nothingSchema, { run_id: id, ...batch });
  for (let from = 0; from < params.length; from += PARAMETERS_A_BATCH) {
    await log({ params: params.slice(from, from + PARAMETERS_A_BATCH) });
  }
  for (let from = 0; from < metrics.length; from += METRICS_A_BATCH) {
    await log({ metrics: metrics.slice(from, from + METRICS_A_BATCH) });
  }
}
