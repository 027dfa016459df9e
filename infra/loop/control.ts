import type { PipelineRun } from "@marquee/shared/contracts/pipeline-run";
import type { RetrainDecision } from "@marquee/shared/contracts/retrain-decision";
import axios from "axios";
import { until } from "./until.ts";

/** A run that takes longer is stuck, in seconds. */
const RUN_LIMIT_SECONDS = 800;

/** The scheduler and the registry, as the team reaches them: through the edge. */
export interface Control {
  /** Starts a pipeline by hand and waits until it has succeeded. @throws NOT_READY with the run where it has not */
  run(pipeline: string, by: string): Promise<PipelineRun>;
  /** The latest first. */
  runs(pipeline: string): Promise<PipelineRun[]>;
  ended(runId: string): Promise<PipelineRun>;
  /** What the governor answered, the latest first. */
  decisions(): Promise<RetrainDecision[]>;
  championVersion(): Promise<number>;
  history(): Promise<{ alias: string; to: number; reason: string }[]>;
}

export function createControl(address: string, token: string): Control {
  const http = axios.create({ baseURL: address, headers: { authorization: `Bearer ${token}` }, proxy: false });
  const get = async <T>(path: string, params: object = {}) => (await http.get<T>(path, { params })).data;
  const ended = (runId: string) =>
    until(`run ${runId} has ended`, RUN_LIMIT_SECONDS, async () => {
      const run = await get<PipelineRun>(`/api/runs/${runId}`);
      return run.endedAt !== null && run;
    });
  return {
    run: async (pipeline, by) => {
      const { data } = await http.post<PipelineRun>(`/api/pipelines/${pipeline}/runs`, {
        by,
        reason: "The loop begins.",
      });
      return ended(data.runId);
    },
    runs: async (pipeline) => (await get<{ runs: PipelineRun[] }>("/api/runs", { pipeline, limit: 100 })).runs,
    ended,
    decisions: async () => (await get<{ decisions: RetrainDecision[] }>("/api/decisions")).decisions,
    championVersion: async () => (await get<{ version: number }>("/models/current")).version,
    history: async () =>
      (await get<{ moves: { alias: string; to: number; reason: string }[] }>("/models/history")).moves,
  };
}
