import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import type { OfflineStore } from "../../offline-store/offline-store.ts";
import type { TaskContext } from "../../tasks/task-context.ts";
import { saveFeatureCheck } from "../feature-checks.ts";
import { checkSkew, type SkewReport } from "./check-skew.ts";

export interface SkewRunOptions {
  online: OnlineStore;
  offline: Pick<OfflineStore, "open">;
  /** How many films are compared. */
  films: number;
  /** Which; the moment's unless given, so that each check looks at others. */
  seed?: number;
}

/** Compares what lies online with what was built, tells how far it is, and keeps what was found. */
export async function findSkew(context: TaskContext, options: SkewRunOptions): Promise<SkewReport> {
  const { database, clock, signal, onProgress } = context;
  const { online, offline, films, seed = clock.now().getTime() % 2 ** 32 } = options;
  const report = await checkSkew({
    online,
    open: (hash) => {
      signal.throwIfAborted();
      return offline.open(hash);
    },
    views: ALL_VIEWS,
    sample: { films, seed },
    onView: (done, total) => {
      signal.throwIfAborted();
      onProgress({ done, total, unit: "views" });
    },
  });
  const { findings, columns, dataset, unchecked } = report;
  // One that could not compare everything and found nothing says nothing: it is as if it had not run.
  if (unchecked.length === 0 || findings.length > 0) {
    await saveFeatureCheck(database, {
      ...{ checkId: uuidv7(clock), kind: "skew", checkedAt: clock.now() },
      ...{ datasetHash: dataset, films: report.films, columns, findings },
    });
  }
  return report;
}

/** What says that some views could not be compared, and what to do; undefined where all were. */
export function notCompared({ films, unchecked }: SkewReport): MarqueeError | undefined {
  if (unchecked.length === 0) return undefined;
  const byReason = Map.groupBy(unchecked, ({ reason }) => reason);
  const views = [...byReason]
    .map(([reason, some]) => `${some.map(({ view }) => view).join(", ")} (${reason})`)
    .join(", ");
  return new MarqueeError(
    "CHECKS_FAILED",
    `${films === 0 ? "Nothing" : "Not everything"} could be compared: ${views}. Bring the latest features online, npm run marquee -- features materialize-incremental, and check again.`,
  );
}

/**
 * The task: findings are its result, not its failure, since trying again would not mend them. An alert tells of them, and
 * of views that have not been compared for long.
 * @throws CHECKS_FAILED where nothing could be compared
 */
export async function runSkewCheck(context: TaskContext, options: SkewRunOptions): Promise<TaskResult> {
  const report = await findSkew(context, options);
  const { films, columns, onDemand, dataset, unchecked, findings } = report;
  if (findings.length > 0) context.log.error({ findings }, "serving sees other features than training");
  if (unchecked.length > 0) context.log.warn({ unchecked }, "feature views could not be compared");
  const failed = notCompared(report);
  if (failed && films === 0) throw failed;
  return { rowsIn: films, rowsOut: findings.length, detail: { columns, onDemand, dataset, unchecked, findings } };
}
