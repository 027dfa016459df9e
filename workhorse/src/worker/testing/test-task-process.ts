import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TASK_NAMES, type TaskName, type TaskResult } from "@marquee/shared/contracts/tasks";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import type { Logger } from "@marquee/shared/service/logger";
import { runTaskProcess } from "../run-task-process.ts";

// Tasks for tests, in real processes. What a task does stands in a file of a folder, a word for each try; without one
// it succeeds. Each notes its begin and its effect in files of that folder.

interface TestContext {
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
}

const folder = process.env.TEST_TASKS_FOLDER;
if (folder === undefined) throw new MarqueeError("SETTINGS_INVALID", "TEST_TASKS_FOLDER is not set.");

const ACTIONS: Record<string, (context: TestContext) => Promise<void> | void> = {
  succeed: () => {},
  "fail for now": () => {
    throw new MarqueeError("SOURCE_UNAVAILABLE", "The source does not answer.");
  },
  "fail for good": () => {
    throw new MarqueeError("SOURCE_KEY_REFUSED", "The key is wrong.");
  },
  "fail unforeseen": () => {
    (undefined as unknown as { film: () => void }).film();
  },
  "exit without a word": () => {
    process.stderr.write("oh no\n");
    process.exit(3);
  },
  "wait for the signal": async ({ signal }) => {
    await delay(600_000, undefined, { signal });
  },
  "hear no signal": () => {
    for (;;);
  },
  "fill the heap": () => {
    const films: number[][] = [];
    for (;;) films.push(Array.from({ length: 100_000 }, (_, i) => i + films.length));
  },
  "leave a process behind": () => {
    spawn(process.execPath, ["-e", "setTimeout(() => {}, 20_000)"], { stdio: "inherit" });
  },
  "write a line without end": async () => {
    await new Promise((resolve) => process.stdout.write("x".repeat(1_000_000), resolve));
    await new Promise((resolve) => process.stderr.write("y".repeat(1_000_000), resolve));
    process.exit(3);
  },
  chatter: ({ log }) => {
    log.info("a line of its own");
    process.stdout.write("not a log line\n");
  },
};

async function carryOut(folder: string, task: TaskName, context: TestContext): Promise<TaskResult> {
  const begun = join(folder, `${task}.begun`);
  const tries = existsSync(begun) ? readFileSync(begun, "utf8").trim().split("\n").length : 0;
  appendFileSync(begun, `${process.pid}\n`);
  const plan = join(folder, task);
  const words = existsSync(plan) ? readFileSync(plan, "utf8").split("\n") : [];
  await ACTIONS[words[tries] ?? "succeed"]?.(context);
  appendFileSync(join(folder, "effects"), `${task}\n`);
  return {
    rowsIn: 1,
    rowsOut: 1,
    detail: { pid: process.pid, ...(task === "train" ? { runId: uuidv7(context.clock) } : {}) },
  };
}

await runTaskProcess<TestContext>({
  tasks: Object.fromEntries(
    TASK_NAMES.map((task) => [task, (_input: unknown, context: TestContext) => carryOut(folder, task, context)]),
  ) as Record<TaskName, (input: unknown, context: TestContext) => Promise<TaskResult>>,
  openContext: async (context) => ({ context, close: async () => {} }),
  logLevel: "info",
});
