import type { Queries } from "@marquee/shared/backing/postgres/database";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { MATURE_DAYS, MATURE_VOTES } from "@marquee/shared/features/maturity";

/** How a model version's predictions met the ratings that films came to have. */
export interface LiveError {
  version: number;
  /** With a mature rating now, predicted before it was known. */
  films: number;
  /** Rating points; undefined with no film. */
  rmse: number | undefined;
}

/**
 * The live error of each of the versions on `today`: the RMSE over films whose rating is mature now, of one prediction
 * per film, the earliest that was made without knowing the rating (docs/adr/0016).
 */
export async function liveErrors(
  database: Queries,
  model: string,
  versions: readonly number[],
  today: CalendarDate,
): Promise<LiveError[]> {
  const rows = await database.query<{ version: number; films: number; rmse: number }>(LIVE_ERRORS, [
    model,
    versions,
    MATURE_VOTES,
    epochDay(today) - MATURE_DAYS,
  ]);
  return versions.map((version) => {
    const row = rows.find((one) => one.version === version);
    return { version, films: row?.films ?? 0, rmse: row?.rmse };
  });
}

const LIVE_ERRORS = `
  with first_of_film as (
    select distinct on (model_version, tmdb_id) model_version, tmdb_id, rating
    from predictions
    where model_name = $1 and model_version = any($2::integer[]) and tmdb_id is not null and not actual_known
    order by model_version, tmdb_id, predicted_at, prediction_id
  )
  select p.model_version as version, count(*)::integer as films,
         sqrt(avg((p.rating - o.average::double precision) ^ 2)) as rmse
  from first_of_film p
  join movies m using (tmdb_id)
  join lateral (
    select average, votes from imdb_ratings r where r.imdb_number = m.imdb_number order by r.observed_on desc limit 1
  ) o on true
  where o.votes >= $3 and m.release_date <= '1970-01-01'::date + $4::integer
  group by p.model_version`;
