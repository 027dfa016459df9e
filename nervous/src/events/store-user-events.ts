import type { Database, Transaction } from "@marquee/shared/backing/postgres/database";
import { storeOrRefuse } from "@marquee/shared/backing/postgres/store-or-refuse";
import type { UserEvent } from "@marquee/shared/contracts/user-event";
import { erasedAmong } from "@marquee/shared/data-rights/erased-users";
import type { Unstored } from "../store-batch.ts";

/**
 * Keeps what users did, and what each gave each film at last. Events that come again, or late, change nothing: an event
 * is kept once, and of a user's ratings of a film the one that happened last counts.
 * @returns events that the database does not take for what they hold, and those of erased users, to be dropped
 * @throws DATABASE_UNAVAILABLE where none or not all were stored
 */
export async function storeUserEvents(database: Database, events: readonly UserEvent[]): Promise<Unstored[]> {
  const dropped: Unstored[] = [];
  const refused = await storeOrRefuse(events, async (some) => {
    dropped.push(...(await database.transaction((tx) => storeUnlessErased(tx, some))));
  });
  return [...refused, ...dropped];
}

async function storeUnlessErased(tx: Transaction, events: readonly UserEvent[]): Promise<Unstored[]> {
  const erased = await erasedAmong(
    tx,
    events.map(({ userId }) => userId),
  );
  const kept = events.filter(({ userId }) => !erased.has(userId));
  if (kept.length > 0) {
    await insertEvents(tx, kept);
    await keepLatestRatings(tx, kept);
  }
  return events
    .filter(({ userId }) => erased.has(userId))
    .map(({ id }) => ({ id, reason: "Its user was erased.", drop: true }));
}

/** In the order of keys, so that two consumers with the same events wait for each other instead of in a ring. */
async function insertEvents(tx: Transaction, events: readonly UserEvent[]): Promise<void> {
  const rows = events.map(({ id, type, userId, tmdbId, at, receivedAt, traceId: _, ...detail }) => ({
    ...{ event_id: id, type, user_id: userId, tmdb_id: tmdbId, detail, happened_at: at, received_at: receivedAt },
  }));
  await tx.execute(
    `insert into user_events (event_id, type, user_id, tmdb_id, detail, happened_at, received_at)
     select event_id, type, user_id, tmdb_id, detail, happened_at, received_at
     from jsonb_populate_recordset(null::user_events, $1::jsonb)
     order by event_id
     on conflict (event_id) do nothing`,
    [JSON.stringify(rows)],
  );
}

/** Of two ratings of one moment the one with the greater id counts, in whatever order they come. */
async function keepLatestRatings(tx: Transaction, events: readonly UserEvent[]): Promise<void> {
  const rows = events.flatMap((event) =>
    event.type === "rating"
      ? [{ user_id: event.userId, tmdb_id: event.tmdbId, rating: event.rating, rated_at: event.at, event_id: event.id }]
      : [],
  );
  if (rows.length === 0) return;
  await tx.execute(
    `insert into user_ratings (user_id, tmdb_id, rating, rated_at, event_id)
     select distinct on (user_id, tmdb_id) user_id, tmdb_id, rating, rated_at, event_id
     from jsonb_populate_recordset(null::user_ratings, $1::jsonb)
     order by user_id, tmdb_id, rated_at desc, event_id desc
     on conflict (user_id, tmdb_id) do update
     set rating = excluded.rating, rated_at = excluded.rated_at, event_id = excluded.event_id
     where (excluded.rated_at, excluded.event_id) > (user_ratings.rated_at, user_ratings.event_id)`,
    [JSON.stringify(rows)],
  );
}
