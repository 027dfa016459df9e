import { systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tellOfRun } from "../src/backing/task-queue/task-notices.ts";
import { openTaskQueue, type TakenTask, type TaskQueue } from "../src/backing/task-queue/task-queue.ts";
import type { TaskMessage } from "../src/contracts/tasks.ts";

const log = createLogger("test", "silent");
/** Long enough that no test passes by polling. */
const NO_POLLS = { pollSeconds: 3_600 };

let database: TestDatabase;
let queue: TaskQueue;
beforeEach(async () => {
  database = await createTestDatabase();
  queue = await openTaskQueue({
    url: database.url,
    database,
    log,
    retryDelaySeconds: 1,
    leaseSeconds: 10,
    ...NO_POLLS,
  });
  await heard(queue);
});
afterEach(async () => {
  await queue.close();
  await database.close();
});

/** Resolves once the queue listens. */
async function heard(opened: TaskQueue): Promise<void> {
  await expect.poll(() => opened.problem(), { timeout: 20_000, interval: 10 }).toBeUndefined();
}

function message(): TaskMessage {
  const [taskRunId, runId] = [uuidv7(systemClock), uuidv7(systemClock)];
  return { taskRunId, runId, pipeline: "daily", task: "collect", input: {}, timeLimitSeconds: 60 };
}

async function send(sent: TaskMessage = message(), retries = 3): Promise<TaskMessage> {
  await database.transaction((tx) => queue.send(tx, sent, { retries }));
  return sent;
}

async function take(from: TaskQueue = queue): Promise<TakenTask> {
  const task = await from.take(async (_tx, taken) => taken, AbortSignal.timeout(60_000));
  if (task === undefined) throw new DOMException("no task came", "TimeoutError");
  return task;
}

const complete = (task: TakenTask) => database.transaction((tx) => queue.complete(tx, task));
const fail = (task: TakenTask, how: Parameters<TaskQueue["fail"]>[2]) =>
  database.transaction((tx) => queue.fail(tx, task, how));

describe("the task queue", () => {
  it("hands a task over with all that it was sent with, once", async () => {
    const sent = await send();
    const task = await take();
    expect(task).toEqual({ taskRunId: sent.taskRunId, attempt: 0, retriesLeft: 3, data: sent });
    expect(await complete(task)).toBe(true);
    expect(await queue.statesOf(database, [sent.taskRunId])).toEqual(new Map([[sent.taskRunId, "over"]]));
  });

  it("wakes who waits", async () => {
    const waiting = take();
    const sent = await send();
    expect((await waiting).taskRunId).toBe(sent.taskRunId);
  });

  it("wakes who waits through another connection to the queue", async () => {
    const other = await openTaskQueue({ url: database.url, database, log, ...NO_POLLS });
    await heard(other);
    const waiting = take(other);
    const sent = await send();
    expect((await waiting).taskRunId).toBe(sent.taskRunId);
    await other.close();
  });

  it("gives each of many tasks to one of many takers", async () => {
    const sent = await Promise.all(Array.from({ length: 20 }, () => send()));
    const taken = await Promise.all(Array.from({ length: 20 }, () => take()));
    expect(new Set(taken.map(({ taskRunId }) => taskRunId))).toEqual(new Set(sent.map(({ taskRunId }) => taskRunId)));
  });

  it("has nothing of a transaction that was rolled back", async () => {
    const sent = message();
    await expect(
      database.transaction(async (tx) => {
        await queue.send(tx, sent, { retries: 3 });
        throw new DOMException("no", "AbortError");
      }),
    ).rejects.toThrow("no");
    expect(await queue.statesOf(database, [sent.taskRunId])).toEqual(new Map([[sent.taskRunId, "over"]]));
  });

  it("leaves a task where it was when its taker fails to write it down", async () => {
    const sent = await send();
    let fails = true;
    const task = await queue.take(async (_tx, taken) => {
      if (fails) {
        fails = false;
        throw new DOMException("no", "AbortError");
      }
      return taken;
    }, AbortSignal.timeout(60_000));
    expect(task).toMatchObject({ taskRunId: sent.taskRunId, attempt: 0 });
  });

  it("queues what is sent twice once", async () => {
    const sent = await send();
    await send(sent);
    await complete(await take());
    const nothing = await queue.take(async (_tx, taken) => taken, AbortSignal.abort());
    expect(nothing).toBeUndefined();
    expect(await database.query("select 1 from pgboss.job where name = 'tasks'")).toHaveLength(1);
  });

  it("hands a failed task out again when its time has come, without a poll", async () => {
    const sent = await send();
    const first = await take();
    expect(await fail(first, { retriable: true })).toBe("again");
    expect(await queue.statesOf(database, [sent.taskRunId])).toEqual(new Map([[sent.taskRunId, "waiting"]]));
    expect(await take()).toMatchObject({ taskRunId: sent.taskRunId, attempt: 1, retriesLeft: 2 });
  });

  it("waits as long as the error asks for", async () => {
    await send();
    await fail(await take(), { retriable: true, notBeforeSeconds: 3_600 });
    const [row] = await database.query<{ late: boolean }>(
      "select start_after > now() + interval '59 minutes' as late from pgboss.job where name = 'tasks'",
    );
    expect(row?.late).toBe(true);
  });

  it.each([
    ["that cannot come right", false, 3],
    ["without tries left", true, 0],
  ])("ends a failed task %s", async (_what, retriable, retries) => {
    const sent = await send(message(), retries);
    expect(await fail(await take(), { retriable })).toBe("over");
    expect(await queue.statesOf(database, [sent.taskRunId])).toEqual(new Map([[sent.taskRunId, "over"]]));
  });

  it("does not count a try that is given back", async () => {
    const sent = await send(message(), 1);
    const task = await take();
    expect(await database.transaction((tx) => queue.giveBack(tx, task, sent))).toBe(true);
    expect(await take()).toMatchObject({ taskRunId: sent.taskRunId, retriesLeft: 1 });
  });

  it("gives a task without a sign of life to another, and refuses all that the first still says", async () => {
    const sent = await send();
    const first = await take();
    expect(await queue.extend(first)).toBe(true);
    const second = await take(await patientQueue());
    expect(second).toMatchObject({ taskRunId: sent.taskRunId, attempt: 1 });
    expect(await queue.extend(first)).toBe(false);
    expect(await complete(first)).toBe(false);
    expect(await fail(first, { retriable: true })).toBe("lost");
    expect(await fail(first, { retriable: false })).toBe("lost");
    expect(await database.transaction((tx) => queue.giveBack(tx, first, sent))).toBe(false);
    expect(await complete(second)).toBe(true);
  });

  it("hears of runs, and that something may have been missed after a lost connection", async () => {
    const told: (string | undefined)[] = [];
    queue.onRun((runId) => told.push(runId));
    await tellOfRun(database, "a-run");
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["a-run"]);
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'marquee notices'",
    );
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(["a-run", undefined]);
    const waiting = take();
    await send();
    await waiting;
  });

  it("opens for many at once", async () => {
    const fresh = await createTestDatabase();
    const options = { url: fresh.url, database: fresh, log };
    const opened = await Promise.all([openTaskQueue(options), openTaskQueue(options), openTaskQueue(options)]);
    await Promise.all(opened.map((one) => one.close()));
    await fresh.close();
  });

  const patient: TaskQueue[] = [];
  /** Looks by itself: no scheduler is here to tell of tasks whose worker died. */
  async function patientQueue(): Promise<TaskQueue> {
    const opened = await openTaskQueue({ url: database.url, database, log, pollSeconds: 1 });
    patient.push(opened);
    return opened;
  }
  afterEach(async () => {
    for (const opened of patient.splice(0)) await opened.close();
  });
});
