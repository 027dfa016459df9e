import { setTimeout as delay } from "node:timers/promises";
import { type Db, type JobWithMetadata, PgBoss } from "pg-boss";
import { z } from "zod";
import type { TaskMessage } from "../../contracts/tasks.ts";
import type { Logger } from "../../service/logger.ts";
import type { Database, Queries, Transaction } from "../postgres/database.ts";
import { millisecondsToNext, QUEUE, type QueueState, SCHEMA, statesOf } from "./queue-tables.ts";
import { hearTaskNotices, tellOfTask } from "./task-notices.ts";

const MAX_CONNECTIONS = 2;

/** Seconds without a sign of life after which a task's worker counts as dead; pg-boss takes no less than 10. */
const LEASE_SECONDS = 15;
/** Seconds between looks for workers that have died, by whichever process comes first. */
const SUPERVISE_SECONDS = 5;
/** Seconds between looks that no notice has asked for. */
const POLL_SECONDS = 30;
/** Before the first retry one to two times this, doubling from try to try. */
const RETRY_DELAY_SECONDS = 15;
const MAX_RETRY_DELAY_SECONDS = 600;
/** A worker kills a task at its time limit; the queue gives up on it this many seconds later. */
const EXPIRY_SLACK_SECONDS = 120;
/** Of tasks that have ended; their runs keep what is worth keeping. */
const KEPT_SECONDS = 7 * 86_400;
/** Wait after a look that failed, in milliseconds: the database is away. */
const FAILED_LOOK_PAUSE_MS = 1_000;

/** A task in a worker's hands. */
export interface TakenTask {
  taskRunId: string;
  /** Counts from 0; tells the worker's claim from a later one. */
  attempt: number;
  retriesLeft: number;
  /** Contract: `taskMessageSchema`. */
  data: unknown;
}

/** `again`: it will be tried again. `over`: it will not. `lost`: it is in other hands by now; nothing was changed. */
export type FailureOutcome = "again" | "over" | "lost";

/**
 * Tasks on their way from the scheduler to the workers. What is given a transaction happens when that commits, together
 * with what else it does. Whoever holds a task that has been given to somebody else is refused.
 */
export interface TaskQueue {
  send(tx: Transaction, message: TaskMessage, options: { retries: number }): Promise<void>;
  /**
   * Waits for a task and takes it in one transaction with `claim`, whose result it returns; undefined once aborted.
   * Goes on waiting while the database is away.
   */
  take<T>(claim: (tx: Transaction, task: TakenTask) => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
  /** @returns false where the task was lost */
  complete(tx: Transaction, task: TakenTask): Promise<boolean>;
  /** @param notBeforeSeconds the next try waits for so long, where that is longer than its turn */
  fail(
    tx: Transaction,
    task: TakenTask,
    how: { retriable: boolean; notBeforeSeconds?: number | undefined },
  ): Promise<FailureOutcome>;
  /** Back into the queue as if it had not been taken: the try does not count. @returns false where it was lost */
  giveBack(tx: Transaction, task: TakenTask, message: TaskMessage): Promise<boolean>;
  /** A sign of life; one is due every few seconds (`leaseSeconds`). @returns false where the task was lost */
  extend(task: TakenTask): Promise<boolean>;
  /** How long a task stays in a worker's hands without a sign of life. */
  readonly leaseSeconds: number;
  statesOf(queries: Queries, taskRunIds: readonly string[]): Promise<Map<string, QueueState>>;
  /** Calls with the id of a run of which a task has begun or ended; with undefined where notices may have been missed. */
  onRun(listener: (runId: string | undefined) => void): void;
  /** Why tasks are found late, by polling alone; undefined while notices are heard. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export interface TaskQueueOptions {
  url: string;
  database: Database;
  log: Logger;
  /** 15 unless given; more where tasks run in this process and may keep it from giving a sign. */
  leaseSeconds?: number;
  /** 15 unless given. */
  retryDelaySeconds?: number;
  /** 30 unless given. */
  pollSeconds?: number;
}

/** Opens the queue in the database, which is made ready for it where it is not. */
export async function openTaskQueue(options: TaskQueueOptions): Promise<TaskQueue> {
  const { database, log, leaseSeconds = LEASE_SECONDS, pollSeconds = POLL_SECONDS } = options;
  const boss = await startBoss(options);
  const notices = hearTaskNotices(options);
  const stopSupervising = superviseRegularly(boss, log);

  async function takeOnce<T>(claim: (tx: Transaction, task: TakenTask) => Promise<T>): Promise<{ claimed: T } | null> {
    return database.transaction(async (tx) => {
      const [job] = await boss.fetch<object>(QUEUE, { includeMetadata: true, db: within(tx) });
      return job === undefined ? null : { claimed: await claim(tx, takenTask(job)) };
    });
  }

  return {
    leaseSeconds,
    send: (tx, message, { retries }) => send(boss, tx, message, { ...options, leaseSeconds, retries }),
    take: async (claim, signal) => {
      while (!signal.aborted) {
        const seen = notices.taskNotices();
        try {
          const taken = await takeOnce(claim);
          if (taken) return taken.claimed;
          await notices.waitForTask(seen, await millisecondsToNext(database, pollSeconds * 1_000), signal);
        } catch (error) {
          log.warn({ err: error }, "could not look for tasks");
          await delay(FAILED_LOOK_PAUSE_MS, undefined, { signal }).catch(() => {});
        }
      }
      return undefined;
    },
    complete: (tx, task) => settled(boss.complete(QUEUE, claimOf(task), null, { db: within(tx) })),
    fail: (tx, task, how) => fail(boss, tx, task, how),
    giveBack: async (tx, task, message) => {
      if (!(await settled(boss.deleteJob(QUEUE, claimOf(task), { db: within(tx) })))) return false;
      await send(boss, tx, message, { ...options, leaseSeconds, retries: task.retriesLeft });
      return true;
    },
    extend: (task) => settled(boss.touch(QUEUE, claimOf(task))),
    statesOf,
    onRun: notices.onRun,
    problem: notices.problem,
    close: async () => {
      await stopSupervising();
      await notices.close();
      await boss.stop({ graceful: false });
    },
  };
}

/**
 * pg-boss without what we do not use: its timers for cron, flows, statistics and vacuum; its own polling workers. Its
 * supervision, which finds tasks whose worker died, is called by us (`superviseRegularly`).
 */
async function startBoss({ url, log }: TaskQueueOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: "marquee tasks",
    schema: SCHEMA,
    max: MAX_CONNECTIONS,
    supervise: false,
    schedule: false,
    monitorVacuum: false,
    reindex: false,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    bamIntervalSeconds: 600,
    queueCacheIntervalSeconds: 3_600,
  });
  boss.on("error", (error: unknown) => log.warn({ err: error }, "the task queue met an error"));
  await boss.start();
  await boss.createQueue(QUEUE);
  return boss;
}

function superviseRegularly(boss: PgBoss, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let failing = false;
  const supervise = async () => {
    try {
      await boss.supervise(QUEUE);
      failing = false;
    } catch (error) {
      // Told once: while the database is away the others tell it, too.
      if (!failing) log.warn({ err: error }, "could not look for tasks whose worker died");
      failing = true;
    }
  };
  const timer = setInterval(() => {
    running = running.then(supervise);
  }, SUPERVISE_SECONDS * 1_000);
  return () => {
    clearInterval(timer);
    return running;
  };
}

interface SendOptions {
  retries: number;
  leaseSeconds: number;
  retryDelaySeconds?: number;
}

/** Sending what is in the queue already changes nothing. */
async function send(boss: PgBoss, tx: Transaction, message: TaskMessage, options: SendOptions): Promise<void> {
  await boss.send(QUEUE, message, {
    db: within(tx),
    id: message.taskRunId,
    retryLimit: options.retries,
    retryDelay: options.retryDelaySeconds ?? RETRY_DELAY_SECONDS,
    retryBackoff: true,
    retryDelayMax: MAX_RETRY_DELAY_SECONDS,
    expireInSeconds: Math.ceil(message.timeLimitSeconds) + EXPIRY_SLACK_SECONDS,
    heartbeatSeconds: options.leaseSeconds,
    deleteAfterSeconds: KEPT_SECONDS,
  });
  await tellOfTask(tx);
}

async function fail(
  boss: PgBoss,
  tx: Transaction,
  task: TakenTask,
  { retriable, notBeforeSeconds = 0 }: Parameters<TaskQueue["fail"]>[2],
): Promise<FailureOutcome> {
  const again = retriable && task.retriesLeft > 0;
  const settle = again
    ? boss.fail(QUEUE, claimOf(task), null, { db: within(tx) })
    : boss.cancel(QUEUE, claimOf(task), { db: within(tx) });
  if (!(await settled(settle))) return "lost";
  if (!again) return "over";
  await tx.execute(
    `update ${SCHEMA}.job set start_after = greatest(start_after, now() + $3 * interval '1 second') where name = $1 and id = $2`,
    [QUEUE, task.taskRunId, notBeforeSeconds],
  );
  // Whoever waits is to wait no longer than until the next try.
  await tellOfTask(tx);
  return "again";
}

function takenTask(job: JobWithMetadata<object>): TakenTask {
  return {
    taskRunId: job.id,
    attempt: job.retryCount,
    retriesLeft: Math.max(0, job.retryLimit - job.retryCount),
    data: job.data,
  };
}

/** pg-boss settles a job only for the attempt that was fetched. */
function claimOf({ taskRunId, attempt }: TakenTask): { id: string; retryCount: number } {
  return { id: taskRunId, retryCount: attempt };
}

/** pg-boss's answer, of which its types say nothing. */
const answerSchema = z.object({ affected: z.int().min(0) });

/** Whether the claim still held, so that something was changed. */
async function settled(answer: Promise<unknown>): Promise<boolean> {
  return answerSchema.parse(await answer).affected === 1;
}

/** Lets pg-boss take part in a transaction of ours. */
function within(tx: Transaction): Db {
  return { executeSql: async (text, values) => ({ rows: await tx.query(text, values ?? []) }) };
}
