import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { type CalendarDate, calendarDate, dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { asOfDay, computeFeatures } from "@marquee/shared/features/compute-features";
import { FILM } from "@marquee/shared/features/entities";
import { ALL_VIEWS, RATING_COLUMNS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { buildRatingHistory, type RatingHistory } from "@marquee/shared/features/rating-history";
import { yearOf } from "@marquee/shared/features/record-chunks";
import { operatingSystemUser } from "@marquee/shared/service/operating-system-user";
import { VERSION } from "@marquee/shared/service/version";
import { catalogHash } from "../catalog/catalog-hash.ts";
import { createFeatureFigures, type FeatureFigures } from "../data-quality/feature-figures.ts";
import { gatedTransaction } from "../data-quality/judge-run.ts";
import { createOfflineStore } from "../offline-store/create-offline-store.ts";
import { datasetView } from "../offline-store/dataset-manifest.ts";
import { recordDataset } from "../offline-store/dataset-records.ts";
import type { DatasetContent, OnlineEntry, RowBatch } from "../offline-store/offline-store.ts";
import type { LocalDataset } from "../offline-store/open-dataset.ts";
import type { StepContext, TaskContext } from "../tasks/task-context.ts";
import { assertNoLeaks } from "./leaks/assert-no-leaks.ts";
import { type CatalogFilm, historyFilms, loadFilms, matureFilms } from "./load-films.ts";
import { loadNames, onlineEntries } from "./online-entries.ts";
import { registerViews } from "./view-registry.ts";

/** Computed and handed over at a time. */
const FILMS_PER_BATCH = 500;
const MS_PER_DAY = 24 * 60 * 60 * 1000;

export interface BuildOptions {
  /** Days after its release from which another film's rating counts: 0 on historical data, 30 in production. */
  maturityDays: number;
  /** Who this is, for the registry of views; the operating system's user unless given. */
  actor?: string | undefined;
  /** Of the catalog as it is; found out unless given. */
  catalogHash?: string | undefined;
}

/** What one build is made from. */
interface Build {
  context: TaskContext;
  today: EpochDay;
  films: readonly CatalogFilm[];
  names: Iterable<OnlineEntry>;
  history: RatingHistory;
}

/**
 * Makes a feature dataset of the catalog, every view of each film as of the earlier of its release and today, and the
 * gold table with the rating model's vectors. The dataset's files are written first; that it is the latest, and the
 * table, is published in one transaction, which the quality gate is part of.
 * @param context of a step; outside of one no figures are kept
 * @throws QUALITY_STOPPED, FEATURE_LEAK, FEATURE_VIEW_CHANGED; what was there before stays
 */
export async function buildFeatures(
  context: TaskContext & Partial<Pick<StepContext, "runId">>,
  options: BuildOptions,
): Promise<TaskResult> {
  const { database, clock } = context;
  const { maturityDays, actor } = options;
  const builtAt = clock.now();
  const today = epochDay(dayOf(builtAt));
  await registerViews(database, ALL_VIEWS, { at: builtAt, by: actor ?? operatingSystemUser(), release: VERSION });
  const { films, names } = await readCatalog(database);
  const leaks = await assertNoLeaks(context, { films, today, maturityDays });
  const history = buildRatingHistory(historyFilms(films), maturityDays);
  const store = createOfflineStore(context);
  const written = await store.write({
    builtAt: builtAt.toISOString(),
    ...(await originOf(database, options)),
    ...contentOf({ context, today, films, names, history }),
  });
  const ratings = matureFilms(films, today).map(({ rating }) => rating);
  const dataset = await store.open(written.hash);
  const quality = await gatedTransaction(context, async (tx) => {
    const figures = createFeatureFigures(RATING_COLUMNS);
    await tx.execute("delete from feature_movies");
    await tx.copyFrom(
      'copy feature_movies (tmdb_id, as_of, views_hash, "values") from stdin',
      featureLines(dataset, figures),
    );
    await recordDataset(tx, written);
    return figures.figures(ratings);
  }).finally(() => dataset.close());
  return {
    rowsIn: films.length,
    rowsOut: films.length,
    detail: {
      ...{ films: films.length, mature: ratings.length, records: history.size, dataset: written.hash, leaks, quality },
    },
  };
}

/** Of one moment, whatever is loaded meanwhile. */
async function readCatalog(database: Database): Promise<Pick<Build, "films" | "names">> {
  return database.transaction(async (tx) => {
    await tx.execute("set transaction isolation level repeatable read, read only");
    return { films: await loadFilms(tx), names: await loadNames(tx) };
  });
}

/** Where the catalog comes from. */
async function originOf(
  database: Database,
  options: BuildOptions,
): Promise<Pick<DatasetContent, "catalogHash" | "archiveHash" | "maturityDays">> {
  const [load] = await database.query<{ input_hash: string | null }>(
    "select input_hash from step_runs where step = 'catalog' and status = 'succeeded' order by started_at desc limit 1",
  );
  return {
    catalogHash: options.catalogHash ?? (await catalogHash(database)),
    archiveHash: load?.input_hash ?? null,
    maturityDays: options.maturityDays,
  };
}

function contentOf(build: Build): Pick<DatasetContent, "asOf" | "viewsHash" | "views" | "entity" | "rows" | "online"> {
  const { today, films, names, history } = build;
  return {
    asOf: calendarDate(today),
    viewsHash: RATING_VIEWS_HASH,
    views: ALL_VIEWS.map(datasetView),
    entity: FILM,
    rows: computedRows(build),
    online: onlineEntries({ films, history, names, lastYear: yearOf(today) + 1 }),
  };
}

async function* computedRows({ context, today, films, history }: Build): AsyncGenerator<RowBatch> {
  const width = ALL_VIEWS.reduce((sum, { columns }) => sum + columns.length, 0);
  for (let from = 0; from < films.length; from += FILMS_PER_BATCH) {
    context.signal.throwIfAborted();
    const batch = films.slice(from, from + FILMS_PER_BATCH);
    const values = new Float64Array(batch.length * width);
    const days = batch.map(({ facts, later }, row) => {
      const asOf = asOfDay(today, facts.releaseDay);
      const input = { film: facts, asOf, record: history.get.bind(history), later };
      values.set(computeFeatures(input, ALL_VIEWS), row * width);
      return asOf;
    });
    yield {
      ids: Int32Array.from(batch, ({ tmdbId }) => tmdbId),
      eventTimes: Float64Array.from(days, (day) => day * MS_PER_DAY),
      values,
    };
    context.onProgress({ done: from + batch.length, total: films.length, unit: "films" });
  }
}

/** Of the dataset as it lies there, so that table and dataset are the same to the bit. */
async function* featureLines(dataset: LocalDataset, figures: FeatureFigures): AsyncGenerator<string> {
  const width = RATING_COLUMNS.length;
  for await (const { ids, eventTimes, values } of dataset.rows(RATING_COLUMNS)) {
    const lines = Array.from(ids, (tmdbId, row) => {
      const vector = values.subarray(row * width, (row + 1) * width);
      figures.add(vector);
      return `${tmdbId}\t${dayAt(eventTimes[row])}\t${RATING_VIEWS_HASH}\t{${Array.from(vector, numberText).join(",")}}\n`;
    });
    yield lines.join("");
  }
}

function dayAt(ms: number | undefined): CalendarDate {
  return dayOf(new Date(ms ?? Number.NaN));
}

/** PostgreSQL tells -0 from 0, JavaScript's text does not. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
