import type { Database } from "@marquee/shared/backing/postgres/database";
import { type RefusedItem, storeOrRefuse } from "@marquee/shared/backing/postgres/store-or-refuse";
import type { PredictionEvent } from "@marquee/shared/contracts/prediction-event";

/**
 * Keeps predictions, each once.
 * @returns predictions that the database does not take for what they hold
 * @throws DATABASE_UNAVAILABLE where none or not all were stored
 */
export function storePredictions(database: Database, predictions: readonly PredictionEvent[]): Promise<RefusedItem[]> {
  return storeOrRefuse(predictions, async (some) => {
    await database.execute(INSERT, [JSON.stringify(some.map(rowOf))]);
  });
}

/** In the order of keys, so that two consumers with the same predictions wait for each other instead of in a ring. */
const INSERT = `
  insert into predictions
  select * from jsonb_populate_recordset(null::predictions, $1::jsonb) order by prediction_id
  on conflict (prediction_id) do nothing`;

function rowOf({ id, at, traceId, tmdbId, model, asOf, rating, interval, actualKnown }: PredictionEvent): object {
  return {
    prediction_id: id,
    tmdb_id: tmdbId,
    model_name: model.name,
    model_version: model.version,
    as_of: asOf,
    rating,
    lower: interval.lower,
    upper: interval.upper,
    actual_known: actualKnown,
    trace_id: traceId,
    predicted_at: at,
  };
}
