import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { storableJson, storableText } from "./storable-text.ts";
import type { Refused } from "./tmdb-movie.ts";

/**
 * Keeps what was refused with its reason, whole; seen again, it is counted and the day it was last seen moves.
 * @param manifestKey the archive's fetch that it came with; "" where that is not known
 */
export async function quarantine(
  tx: Transaction,
  source: "tmdb" | "imdb",
  refused: readonly Refused[],
  now: Date,
  manifestKey: string,
): Promise<void> {
  const rows = new Map(refused.map((row) => [`${row.sourceId} ${row.reason}`, row]));
  if (rows.size === 0) return;
  const list = [...rows.values()];
  await tx.execute(
    `insert into quarantine (source, source_id, reason, detail, payload, manifest_key, first_seen, last_seen)
     select $1, r.source_id, r.reason, r.detail, r.payload::jsonb, nullif($6, ''), $7, $7
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as r(source_id, reason, detail, payload)
     on conflict (source, source_id, reason) do update set
       detail = excluded.detail, payload = excluded.payload, manifest_key = excluded.manifest_key,
       last_seen = excluded.last_seen, times_seen = quarantine.times_seen + 1`,
    [
      source,
      list.map(({ sourceId }) => storableText(sourceId)),
      list.map(({ reason }) => reason),
      list.map(({ detail }) => storableText(detail)),
      list.map(({ payload }) => storableJson(payload)),
      manifestKey,
      now,
    ],
  );
}
