import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { Refused } from "./tmdb-movie.ts";

/** Keeps what was refused with its reason; seen again, only the day it was last seen moves. */
export async function quarantine(
  tx: Transaction,
  source: "tmdb" | "imdb",
  refused: readonly Refused[],
  now: Date,
): Promise<void> {
  const rows = new Map(refused.map((row) => [`${row.sourceId} ${row.reason}`, row]));
  if (rows.size === 0) return;
  await tx.execute(
    `insert into quarantine (source, source_id, reason, detail, payload, first_seen, last_seen)
     select $1, r."sourceId", r.reason, r.detail, r.payload, $3, $3
     from jsonb_to_recordset($2::jsonb) as r("sourceId" text, reason text, detail text, payload jsonb)
     on conflict (source, source_id, reason) do update set
       detail = excluded.detail, payload = excluded.payload, last_seen = excluded.last_seen`,
    [source, JSON.stringify([...rows.values()]), now],
  );
}
