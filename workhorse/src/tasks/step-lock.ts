import { setTimeout as delay } from "node:timers/promises";
import type { TaskContext } from "./task-context.ts";

/** How often a step that waits for its turn looks, in milliseconds; its predecessor takes seconds to hours. */
const POLL_MS = 250;

/**
 * Runs `work` while no other process, and no other call in this one, runs the same step on this database. The lock is
 * PostgreSQL's and belongs to a connection of its own: it is free as soon as its holder has ended, however it ended.
 * The open transaction has read nothing, so it keeps no old rows alive.
 * @throws the signal's reason when it is aborted while waiting
 */
export async function withStepLock<T>(context: TaskContext, step: string, work: () => Promise<T>): Promise<T> {
  const { database, signal, log, onNotice } = context;
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    const outcome = await database.transaction(async (tx) => {
      // A holder whose machine vanished is found out within a minute, and one that works for hours is left alone.
      await tx.execute(
        "set local tcp_keepalives_idle = 30; set local tcp_keepalives_interval = 10; set local tcp_keepalives_count = 3; set local idle_in_transaction_session_timeout = 0",
      );
      const [row] = await tx.query<{ locked: boolean }>(
        "select pg_try_advisory_xact_lock(hashtextextended('step:' || $1::text, 0)) as locked",
        [step],
      );
      return row?.locked ? { result: await work() } : undefined;
    });
    if (outcome) return outcome.result;
    if (!waited) {
      log.info({ step }, "waiting: the step is running already");
      onNotice?.(`Waiting: ${step} is running already, elsewhere.`);
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** `withStepLock` for several steps: whoever needs some of them takes them in the chain's order, so that nobody waits in a circle. */
export function withStepLocks<T>(
  context: TaskContext,
  [step, ...rest]: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  return step === undefined ? work() : withStepLock(context, step, () => withStepLocks(context, rest, work));
}
