import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import { openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { answerHealth } from "@marquee/shared/service/answer-health";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { consumeLogs } from "./consume-logs.ts";
import type { LogsSettings } from "./env.ts";

/**
 * `nervous logs` as a process: from topic `logs` into the log store. Lines wait in the bus while the store is away.
 * @throws DATABASE_UNAVAILABLE where it is away at the start; PORT_TAKEN, SETTINGS_INVALID
 */
export async function startLogs(context: ProcessContext<LogsSettings>): Promise<void> {
  const { settings, clock, log, metrics, lifecycle } = context;
  const { database, bus, checks } = await openProcessBacking(context);
  const logStore = await openLogStore({ settings, database });
  lifecycle.onStop("log store", () => logStore.close());
  const consumer = await consumeLogs({ bus, logStore, clock, log, metrics, lifecycle });
  const store = {
    name: "log store",
    severity: "required",
    problem: () => logStore.ping().then(() => undefined),
  } as const;
  // The database counts where it is the bus or the store, and their own checks tell so.
  await answerHealth(context, [consumer, store, ...checks]);
}
