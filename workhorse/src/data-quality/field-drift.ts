import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { type FieldProfile, profileFields } from "./field-profile.ts";
import { findDrift, type SchemaDrift } from "./find-drift.ts";

type Source = "tmdb" | "imdb";

/**
 * Adds the fields of a batch of bodies to what is known of a source's form, and notes what moved: never a reason to stop,
 * since the catalog takes what it knows of a body. Measured for 4,803 films with their credits: 0.2 s where 400 or more
 * come at a time, as long as parsing their JSON takes; 1.7 s by 20.
 * @param bodies as parsed from JSON
 * @returns what moved; told in the log by the gate, once
 */
export async function recordFields(
  tx: Transaction,
  source: Source,
  bodies: readonly unknown[],
  now: Date,
): Promise<SchemaDrift[]> {
  if (bodies.length === 0) return [];
  const batch = profileFields(bodies);
  const drift = findDrift(await knownFields(tx, source), batch);
  await addFields(tx, source, batch, now);
  if (drift.length > 0) await noteDrift(tx, source, drift, now);
  return drift;
}

async function knownFields(tx: Transaction, source: Source): Promise<FieldProfile> {
  const rows = await tx.query<{ path: string; bodies: number; nulls: number }>(
    "select path, bodies, nulls from source_fields where source = $1",
    [source],
  );
  return new Map(rows.map(({ path, bodies, nulls }) => [path, { bodies, nulls }]));
}

async function addFields(tx: Transaction, source: Source, batch: FieldProfile, now: Date): Promise<void> {
  await tx.execute(
    `insert into source_fields as f (source, path, bodies, nulls, first_seen, last_seen)
     select $1, r.path, r.bodies, r.nulls, $3, $3
     from jsonb_to_recordset($2::jsonb) as r(path text, bodies bigint, nulls bigint)
     on conflict (source, path) do update set
       bodies = f.bodies + excluded.bodies, nulls = f.nulls + excluded.nulls, last_seen = excluded.last_seen`,
    [source, JSON.stringify([...batch].map(([path, counts]) => ({ path, ...counts }))), now],
  );
}

async function noteDrift(tx: Transaction, source: Source, drift: readonly SchemaDrift[], now: Date): Promise<void> {
  await tx.execute(
    `insert into schema_drift (source, path, kind, detail, first_seen, last_seen)
     select $1, r.path, r.kind, r.detail, $3, $3
     from jsonb_to_recordset($2::jsonb) as r(path text, kind text, detail text)
     on conflict (source, path, kind) do update set last_seen = excluded.last_seen`,
    [source, JSON.stringify(drift), now],
  );
}
