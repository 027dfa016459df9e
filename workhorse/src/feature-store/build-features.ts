import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { calendarDate, dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { asOfDay, computeFeatures } from "@marquee/shared/features/compute-features";
import { RATING_COLUMNS, RATING_VIEWS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { buildRatingHistory, type RatingHistory } from "@marquee/shared/features/rating-history";
import { createFeatureFigures, type FeatureFigures } from "../data-quality/feature-figures.ts";
import { gatedTransaction } from "../data-quality/judge-run.ts";
import type { StepContext, TaskContext } from "../tasks/task-context.ts";
import { type CatalogFilm, loadFilms, matureFilms } from "./load-films.ts";
import { registerViews } from "./view-registry.ts";

/** Lines handed to COPY at a time. */
const LINES_PER_CHUNK = 500;

export interface BuildOptions {
  /** Days after its release from which another film's rating counts: 0 on historical data, 30 in production. */
  maturityDays: number;
}

/**
 * Makes the gold table anew: each film's vector as of the earlier of its release and today. One transaction, which the
 * quality gate is part of.
 * @param context of a step; outside of one no figures are kept
 * @throws QUALITY_STOPPED; what was there before stays
 */
export async function buildFeatures(
  context: TaskContext & Partial<Pick<StepContext, "runId">>,
  { maturityDays }: BuildOptions,
): Promise<TaskResult> {
  const { database, clock } = context;
  const today = epochDay(dayOf(clock.now()));
  await registerViews(database, clock, RATING_VIEWS);
  const films = await loadFilms(database);
  const mature = matureFilms(films, today);
  const history = buildRatingHistory(mature, maturityDays);
  const figures = createFeatureFigures(RATING_COLUMNS);
  const quality = await gatedTransaction(context, async (tx) => {
    await tx.execute("delete from feature_movies");
    await tx.copyFrom(
      'copy feature_movies (tmdb_id, as_of, views_hash, "values") from stdin',
      featureLines(context, films, (film) => featureLine(film, history, today, figures)),
    );
    return figures.figures(mature.map(({ rating }) => rating));
  });
  return {
    rowsIn: films.length,
    rowsOut: films.length,
    detail: { films: films.length, mature: mature.length, records: history.size, quality },
  };
}

async function* featureLines(
  { signal, onProgress }: TaskContext,
  films: readonly CatalogFilm[],
  line: (film: CatalogFilm) => string,
): AsyncGenerator<string> {
  for (let i = 0; i < films.length; i += LINES_PER_CHUNK) {
    signal.throwIfAborted();
    const chunk = films.slice(i, i + LINES_PER_CHUNK);
    yield chunk.map(line).join("");
    onProgress({ done: i + chunk.length, total: films.length, unit: "films" });
  }
}

function featureLine(
  { tmdbId, facts }: CatalogFilm,
  history: RatingHistory,
  today: EpochDay,
  figures: FeatureFigures,
): string {
  const asOf = asOfDay(today, facts.releaseDay);
  const values = computeFeatures({ film: facts, asOf, record: (key) => history.get(key) });
  figures.add(values);
  return `${tmdbId}\t${calendarDate(asOf)}\t${RATING_VIEWS_HASH}\t{${values.join(",")}}\n`;
}
