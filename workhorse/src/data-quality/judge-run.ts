import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { StepContext, TaskContext } from "../tasks/task-context.ts";
import { checksOf, lastGoodFigures, saveChecks } from "./check-store.ts";
import { gateFile } from "./gate-file.ts";
import { judge } from "./judge.ts";
import type { Figure, QualityCheck } from "./quality-check.ts";
import { type QualitySummary, summariseChecks } from "./quality-summary.ts";

/** So many figures are told in an error; the rest by `quality show`. */
const TOLD_FIGURES = 3;

/** A step's context; outside of a step there is no run to keep figures of. */
type MaybeStepContext = TaskContext & { runId?: string | undefined };

/**
 * Judges figures of what is there already, keeps them, and says what all of the run's checks come to.
 * @throws QUALITY_STOPPED where one stops
 */
export async function judgeRun(context: StepContext, figures: readonly Figure[]): Promise<QualitySummary> {
  const { database, runId, clock } = context;
  await saveChecks(database, runId, judge(figures, await lastGoodFigures(database, figures)), clock.now());
  return conclude(context, await checksOf(database, runId));
}

/**
 * Commits what `work` has written where its figures pass; else rolls back, so that what was there before stays.
 * @throws QUALITY_STOPPED
 */
export async function gatedTransaction(
  context: MaybeStepContext,
  work: (tx: Transaction) => Promise<readonly Figure[]>,
): Promise<QualitySummary> {
  const { database, runId, clock } = context;
  let checks: QualityCheck[] = [];
  try {
    return await database.transaction(async (tx) => {
      checks = await gateFile(tx, await work(tx), context);
      return conclude(context, checks);
    });
  } catch (error) {
    if (isMarqueeError(error, "QUALITY_STOPPED") && runId !== undefined) {
      await saveChecks(database, runId, checks, clock.now());
    }
    throw error;
  }
}

function conclude({ runId, log }: MaybeStepContext, checks: readonly QualityCheck[]): QualitySummary {
  const summary = summariseChecks(checks);
  const { stops, warnings } = summary;
  if (stops.length > 0) throw stopped(runId, summary);
  if (warnings.length > 0) log.warn({ warnings }, "the quality gate warns");
  return summary;
}

function stopped(runId: string | undefined, quality: QualitySummary): MarqueeError {
  const { stops } = quality;
  const told = stops.slice(0, TOLD_FIGURES).join("; ");
  const more = stops.length > TOLD_FIGURES ? `; and ${stops.length - TOLD_FIGURES} more` : "";
  const command = `npm run marquee -- quality accept ${runId ?? "RUN"} --by NAME --reason TEXT`;
  return new MarqueeError(
    "QUALITY_STOPPED",
    `The quality gate stopped this load, and features, model and online store of before stay in use: ${told}${more}. Where it is right after all: ${command}`,
    { details: { quality } },
  );
}
