import type { Database } from "@marquee/shared/backing/postgres/database";
import { type CalendarDate, dayOf, epochDay } from "@marquee/shared/contracts/time";
import { RATING_COLUMNS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { MATURE_DAYS, MATURE_VOTES } from "@marquee/shared/features/maturity";
import type { Clock } from "@marquee/shared/service/clock";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { TrainingRow, TrainingSet } from "../training/training-set.ts";

interface GoldRow {
  tmdb_id: number;
  release_date: string;
  values: number[];
  rating: number;
  votes: number;
}

/** The gold rows of all mature films beside their outcomes, ascending by release date. */
export async function loadTrainingSet(database: Database, clock: Clock): Promise<TrainingSet> {
  const rows = await database.query<GoldRow>(MATURE_ROWS, [
    RATING_VIEWS_HASH,
    MATURE_VOTES,
    epochDay(dayOf(clock.now())) - MATURE_DAYS,
  ]);
  const trainingRows = rows.map(
    (row): TrainingRow => ({
      tmdbId: row.tmdb_id,
      releaseDate: row.release_date as CalendarDate,
      values: Float64Array.from(row.values),
      rating: Number(row.rating),
      votes: row.votes,
    }),
  );
  return { columns: RATING_COLUMNS, viewsHash: RATING_VIEWS_HASH, rows: trainingRows, hash: hashRows(trainingRows) };
}

const MATURE_ROWS = `
  select f.tmdb_id, m.release_date, f."values", o.average as rating, o.votes
  from feature_movies f
  join movies m using (tmdb_id)
  join lateral (
    select average, votes from imdb_ratings r where r.imdb_number = m.imdb_number order by r.observed_on desc limit 1
  ) o on true
  where f.views_hash = $1 and m.deleted_at is null and o.votes >= $2 and m.release_date <= '1970-01-01'::date + $3::integer
  order by m.release_date, f.tmdb_id`;

function hashRows(rows: readonly TrainingRow[]): string {
  const lines = rows.map(
    (row) => `${row.tmdbId} ${row.releaseDate} ${row.rating} ${row.votes} ${row.values.join(",")}`,
  );
  return sha256(canonicalJson({ views: RATING_VIEWS_HASH, rows: sha256(lines.join("\n")) }));
}
