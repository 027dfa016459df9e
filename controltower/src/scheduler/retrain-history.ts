import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { Alert } from "@marquee/shared/contracts/alertmanager-webhook";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { dayOf, epochDay } from "@marquee/shared/contracts/time";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { MATURE_DAYS, MATURE_VOTES } from "@marquee/shared/features/maturity";
import { z } from "zod";
import type { RetrainHistory } from "./retrain-policy.ts";

/** Of `training_runs.metrics`, the films that the run had to learn from and be tested on. */
const trainedOnSchema = z.object({ report: z.object({ data: z.object({ rows: z.int().min(0) }) }) });

/** What the governor has to know about the past, read in its transaction. */
export async function readRetrainHistory(
  tx: Queries,
  alert: Pick<Alert, "fingerprint" | "startsAt">,
  pipeline: string,
  now: Date,
): Promise<RetrainHistory> {
  const accepted = await tx.query<{ fingerprint: string; starts_at: Date; decided_at: Date }>(
    `select fingerprint, starts_at, decided_at from retrain_decisions
     where accepted and (decided_at > $1::timestamptz - interval '1 day' or (fingerprint = $2 and starts_at = $3))`,
    [now, alert.fingerprint, alert.startsAt],
  );
  const [runs] = await tx.query<{ running: string | null; last_ended_at: Date | null }>(
    `select (array_agg(run_id) filter (where ended_at is null))[1] as running, max(ended_at) as last_ended_at
     from pipeline_runs where pipeline = $1`,
    [pipeline],
  );
  const sameAlert = (row: { fingerprint: string; starts_at: Date }) =>
    row.fingerprint === alert.fingerprint && row.starts_at.toISOString() === alert.startsAt;
  return {
    actedUpon: accepted.some(sameAlert),
    runningRunId: runs?.running ?? undefined,
    acceptedAt: accepted.map(({ decided_at }) => decided_at),
    lastTrainingEndedAt: runs?.last_ended_at ?? undefined,
    newMatureRatings: (await matureRatings(tx, now)) - (await championsRatings(tx)),
  };
}

/**
 * Films that training would find now: mature, and with a row of features. Counted instead of dated by when a rating was
 * observed: a back-fill brings old observations late, and it is the set that makes the model.
 */
async function matureRatings(tx: Queries, now: Date): Promise<number> {
  const [row] = await tx.query<{ films: number }>(
    `select count(*)::integer as films
     from feature_movies f
     join movies m using (tmdb_id)
     join lateral (
       select votes from imdb_ratings r where r.imdb_number = m.imdb_number order by r.observed_on desc limit 1
     ) o on true
     where f.views_hash = $1 and m.deleted_at is null and o.votes >= $2 and m.release_date <= '1970-01-01'::date + $3::integer`,
    [RATING_VIEWS_HASH, MATURE_VOTES, epochDay(dayOf(now)) - MATURE_DAYS],
  );
  return row?.films ?? 0;
}

/** Films of the champion's training set; 0 without a champion, so that all count as new. */
async function championsRatings(tx: Queries): Promise<number> {
  const [row] = await tx.query<{ metrics: unknown }>(
    `select r.metrics from model_aliases a
     join model_versions v using (model_name, version)
     join training_runs r on r.run_id = v.run_id
     where a.model_name = $1 and a.alias = 'champion'`,
    [RATING_MODEL],
  );
  return row === undefined ? 0 : trainedOnSchema.parse(row.metrics).report.data.rows;
}
