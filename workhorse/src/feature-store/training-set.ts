import type { Queries } from "@marquee/shared/backing/postgres/database";
import { calendarDate, dayOf, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { RATING_COLUMNS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { outcomeView } from "@marquee/shared/features/later-views";
import { isMature } from "@marquee/shared/features/maturity";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { createOfflineStore } from "../offline-store/create-offline-store.ts";
import { latestDataset } from "../offline-store/dataset-records.ts";
import type { RowBatch } from "../offline-store/offline-store.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import type { TrainingRow, TrainingSet } from "../training/training-set.ts";

const MS_PER_DAY = 24 * 60 * 60 * 1000;
/** What a model learns to foretell, and how many votes it comes from: columns of a view that no model reads. */
const OUTCOME = outcomeView.columns.filter(({ name }) => name === "imdb_rating" || name === "imdb_votes");
const COLUMNS = [...RATING_COLUMNS, ...OUTCOME];

/**
 * The rows of all mature films in the latest dataset beside their outcomes, ascending by release date. Without a dataset
 * of this release's views the set is empty.
 * @throws DATASET_UNKNOWN, OBJECT_CORRUPT where the object store does not have what the database knows of
 */
export async function loadTrainingSet(
  context: Pick<TaskContext, "database" | "objectStore" | "cacheFolder" | "clock">,
): Promise<TrainingSet> {
  const { database, clock } = context;
  const latest = await latestDataset(database);
  const common = { columns: RATING_COLUMNS, viewsHash: RATING_VIEWS_HASH };
  if (latest?.viewsHash !== RATING_VIEWS_HASH) return { ...common, rows: [], hash: hashRows([]) };
  const films = await filmsThere(database);
  const dataset = await createOfflineStore(context).open(latest.hash);
  try {
    // Films that were not out yet stand as of the day of the build.
    const today = Math.min(epochDay(dayOf(clock.now())), epochDay(latest.asOf)) as EpochDay;
    const rows: TrainingRow[] = [];
    for await (const batch of dataset.rows(COLUMNS))
      rows.push(...matureRows(batch, today).filter(({ tmdbId }) => films.has(tmdbId)));
    return { ...common, rows, hash: hashRows(rows), dataset: latest.hash };
  } finally {
    await dataset.close();
  }
}

/** What was taken out of the catalog since the dataset was built is not learned from. */
async function filmsThere(database: Queries): Promise<ReadonlySet<number>> {
  const rows = await database.query<{ tmdb_id: number }>("select tmdb_id from movies where deleted_at is null");
  return new Set(rows.map(({ tmdb_id }) => tmdb_id));
}

function matureRows({ ids, eventTimes, values }: RowBatch, today: EpochDay): TrainingRow[] {
  const [width, outcome] = [COLUMNS.length, RATING_COLUMNS.length];
  return Array.from(ids, (tmdbId, row) => {
    const [rating = Number.NaN, votes = Number.NaN] = values.subarray(row * width + outcome, (row + 1) * width);
    const releaseDay = ((eventTimes[row] ?? Number.NaN) / MS_PER_DAY) as EpochDay;
    if (!isMature(votes, releaseDay, today)) return [];
    const releaseDate = calendarDate(releaseDay);
    return [{ tmdbId, releaseDate, values: values.slice(row * width, row * width + outcome), rating, votes }];
  }).flat();
}

function hashRows(rows: readonly TrainingRow[]): string {
  const lines = rows.map(
    (row) => `${row.tmdbId} ${row.releaseDate} ${row.rating} ${row.votes} ${row.values.join(",")}`,
  );
  return sha256(canonicalJson({ views: RATING_VIEWS_HASH, rows: sha256(lines.join("\n")) }));
}
