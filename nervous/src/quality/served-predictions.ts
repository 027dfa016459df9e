import type { Queries } from "@marquee/shared/backing/postgres/database";

/** Whose predictions, since when, and into which bins they are counted. */
export interface ServedQuery {
  model: string;
  version: number;
  since: Date;
  /** Rating points of a bin; the last one takes what lies above. */
  width: number;
  bins: number;
}

/**
 * How a version's predictions were spread: a count for each bin. A film counts once, as it was predicted last, so that
 * one which everybody asks for does not pass for a shift of all; a described one counts each time.
 */
export async function servedPredictions(database: Queries, query: ServedQuery): Promise<number[]> {
  const { model, version, since, width, bins } = query;
  const rows = await database.query<{ bin: number; predictions: number }>(HISTOGRAM, [
    model,
    version,
    since,
    width,
    bins - 1,
  ]);
  const counts = new Array<number>(bins).fill(0);
  for (const { bin, predictions } of rows) counts[bin] = predictions;
  return counts;
}

const HISTOGRAM = `
  with last_of_film as (
    select distinct on (coalesce(tmdb_id::text, prediction_id::text)) rating
    from predictions
    where model_name = $1 and model_version = $2 and predicted_at >= $3
    order by coalesce(tmdb_id::text, prediction_id::text), predicted_at desc, prediction_id desc
  )
  select least(floor(rating / $4::double precision)::integer, $5::integer) as bin, count(*)::integer as predictions
  from last_of_film group by 1`;
