import type { TaskStatus } from "@marquee/shared/contracts/pipeline-run";
import type { TaskName } from "@marquee/shared/contracts/tasks";
import { describe, expect, it } from "vitest";
import { nextSteps } from "./next-steps.ts";
import { PIPELINES } from "./pipelines/all.ts";
import { tasksOf } from "./pipelines/pipeline.ts";

const limit = { timeLimitSeconds: 1 };

/** collect ─► catalog ─► features;  collect ─► train;  gate after features and train */
const diamond = {
  tasks: {
    collect: limit,
    catalog: { after: ["collect"], ...limit },
    features: { after: ["catalog"], ...limit },
    train: { after: ["collect"], ...limit },
    gate: { after: ["features", "train"], ...limit },
  },
} as const;

type Statuses = Partial<Record<TaskName, TaskStatus>>;

const ALL_WAITING: Statuses = {
  collect: "waiting",
  catalog: "waiting",
  features: "waiting",
  train: "waiting",
  gate: "waiting",
};

function stepsFor(statuses: Statuses) {
  const states = Object.entries({ ...ALL_WAITING, ...statuses });
  return nextSteps(
    diamond,
    states.map(([task, status]) => ({ task: task as TaskName, status })),
  );
}

describe("next steps of a run", () => {
  it.each<[string, Statuses, ReturnType<typeof nextSteps>]>([
    ["begins with the tasks that wait for nothing", {}, { queue: ["collect"], skip: [], status: "queued" }],
    ["queues nothing twice", { collect: "queued" }, { queue: [], skip: [], status: "queued" }],
    ["runs from its first task's start on", { collect: "running" }, { queue: [], skip: [], status: "running" }],
    [
      "queues everything whose turn it is at once",
      { collect: "succeeded" },
      { queue: ["catalog", "train"], skip: [], status: "running" },
    ],
    [
      "waits for all tasks before one",
      { collect: "succeeded", catalog: "succeeded", features: "succeeded", train: "running" },
      { queue: [], skip: [], status: "running" },
    ],
    [
      "goes on once the last of them has succeeded",
      { collect: "succeeded", catalog: "succeeded", features: "succeeded", train: "succeeded" },
      { queue: ["gate"], skip: [], status: "running" },
    ],
    [
      "skips everything behind a failed task, and has failed",
      { collect: "failed" },
      { queue: [], skip: ["catalog", "features", "train", "gate"], status: "failed" },
    ],
    [
      "finishes what does not wait for the failed task first",
      { collect: "succeeded", train: "failed", catalog: "running" },
      { queue: [], skip: ["gate"], status: "running" },
    ],
    [
      "still queues what does not wait for the failed task",
      { collect: "succeeded", train: "failed", catalog: "succeeded", gate: "skipped" },
      { queue: ["features"], skip: [], status: "running" },
    ],
    [
      "has failed once the last other task has ended",
      { collect: "succeeded", train: "failed", catalog: "succeeded", features: "succeeded", gate: "skipped" },
      { queue: [], skip: [], status: "failed" },
    ],
    [
      "has succeeded when all tasks have",
      { collect: "succeeded", catalog: "succeeded", features: "succeeded", train: "succeeded", gate: "succeeded" },
      { queue: [], skip: [], status: "succeeded" },
    ],
    [
      "runs on while a task that was lost waits for its next try",
      { collect: "succeeded", catalog: "queued", train: "queued" },
      { queue: [], skip: [], status: "running" },
    ],
    [
      "skips a task that this release does not know, and has failed",
      {
        collect: "succeeded",
        catalog: "succeeded",
        features: "succeeded",
        train: "succeeded",
        gate: "succeeded",
        materialize: "waiting",
      },
      { queue: [], skip: ["materialize"], status: "failed" },
    ],
  ])("%s", (_sentence, statuses, expected) => {
    expect(stepsFor(statuses)).toEqual(expected);
  });

  it("comes to the same end in whatever order the states are given", () => {
    const states = Object.keys(ALL_WAITING).map((task) => ({
      task: task as TaskName,
      status: "waiting" as TaskStatus,
    }));
    states[0] = { task: "collect", status: "failed" };
    expect(new Set(nextSteps(diamond, states.toReversed()).skip)).toEqual(new Set(nextSteps(diamond, states).skip));
  });
});

describe("pipelines", () => {
  it.each(PIPELINES.map((pipeline) => [pipeline.name, pipeline] as const))(
    "%s has its tasks in an order in which each stands after those it waits for",
    (_name, pipeline) => {
      const names = tasksOf(pipeline).map(({ task }) => task);
      for (const [place, { definition }] of tasksOf(pipeline).entries()) {
        expect(names.slice(0, place)).toEqual(expect.arrayContaining([...(definition.after ?? [])]));
      }
    },
  );
});
