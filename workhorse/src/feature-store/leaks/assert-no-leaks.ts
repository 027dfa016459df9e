import { setImmediate } from "node:timers/promises";
import type { EpochDay } from "@marquee/shared/contracts/time";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { MarqueeError } from "@marquee/shared/service/errors";
import { uuidv7 } from "@marquee/shared/service/ids";
import type { TaskContext } from "../../tasks/task-context.ts";
import { saveFeatureCheck } from "../feature-checks.ts";
import type { CatalogFilm } from "../load-films.ts";
import { checkedViews, computeFilms } from "./compute-films.ts";
import { type LeakFinding, type LeakReport, searchLeaks } from "./detect-leaks.ts";

export interface LeakSearchOptions {
  films: readonly CatalogFilm[];
  /** The day of the build. */
  today: EpochDay;
  /** Days after its release from which another film's rating counts. */
  maturityDays: number;
  /** Every view unless given; marked ones are left out. */
  views?: readonly FeatureView[];
  /** The day unless given: each day's build looks at other films, and a repeated one at the same. */
  seed?: number;
  /** How many days are looked at; 20 unless given. */
  days?: number;
}

/** So many findings are told in an error; the rest is in feature_checks. */
const TOLD_FINDINGS = 3;

/** Looks for leaks. Between days it gives way, and ends where it is to end. */
export async function findLeaks(
  { signal, onProgress }: Pick<TaskContext, "signal" | "onProgress">,
  { films, today, maturityDays, views = ALL_VIEWS, seed = today, days }: LeakSearchOptions,
): Promise<LeakReport> {
  const checked = checkedViews(views);
  const search = searchLeaks({
    ...{ films, today, maturityDays, seed, views: checked },
    compute: computeFilms({ views: checked, maturityDays }),
    ...(days === undefined ? {} : { days }),
  });
  for (;;) {
    signal.throwIfAborted();
    const step = search.next();
    if (step.done) return step.value;
    onProgress({ ...step.value, unit: "days", note: "looking for features that know what happened later" });
    await setImmediate();
  }
}

/**
 * Looks for leaks and keeps what was found.
 * @returns figures for the step's detail
 * @throws FEATURE_LEAK naming each view and column that knew what happened later
 */
export async function assertNoLeaks(
  context: Pick<TaskContext, "database" | "clock" | "signal" | "onProgress">,
  options: LeakSearchOptions,
): Promise<{ films: number; columns: number; seconds: number }> {
  const started = performance.now();
  const { database, clock } = context;
  const { films, columns, findings } = await findLeaks(context, options);
  const check = { checkId: uuidv7(clock), checkedAt: clock.now(), datasetHash: null, films, columns, findings };
  await saveFeatureCheck(database, { kind: "leak", ...check });
  if (findings.length > 0) throw leak(findings);
  return { films, columns, seconds: Math.round(performance.now() - started) / 1_000 };
}

function leak(findings: readonly LeakFinding[]): MarqueeError {
  const told = findings.slice(0, TOLD_FINDINGS).map(describeLeak).join("; ");
  const more = findings.length > TOLD_FINDINGS ? `; and ${findings.length - TOLD_FINDINGS} more` : "";
  return new MarqueeError(
    "FEATURE_LEAK",
    `Features know what happened only later, so nothing was published: ${told}${more}. A view may use only facts from strictly before the row's day; mend it and give it a new version.`,
    { details: { findings } },
  );
}

/** A finding in words. */
function describeLeak({ view, column, films, example }: LeakFinding): string {
  const { tmdbId, asOf, before, after } = example;
  return `${view} ${column} in ${films} films, such as ${tmdbId} as of ${asOf}: ${value(before)} became ${value(after)} when all from that day on was changed`;
}

function value(known: number | null): string {
  return known === null ? "unknown" : String(known);
}
