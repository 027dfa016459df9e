import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { SnapshotTable } from "./imdb-snapshots.ts";

/** Rows that are kept of a file, and how many of a table's rows are other than before. */
export interface Replaced {
  kept: number;
  changed: number;
}

/**
 * Makes a table equal to the rows of the temporary table `imdb_staging`, which has its columns: what is gone is deleted,
 * what is new or says otherwise is written, all else stays untouched. Of a key that is there twice the first row counts.
 */
export async function replaceBySnapshot(tx: Transaction, table: SnapshotTable): Promise<Replaced> {
  const columns = Object.keys(table.columns);
  const key = columns.slice(0, table.keyColumns);
  const values = columns.slice(table.keyColumns);
  const sameKey = key.map((column) => `t.${column} = s.${column}`).join(" and ");
  const of = (alias: string, names: readonly string[]) => names.map((name) => `${alias}.${name}`).join(", ");
  await tx.execute(
    `create temporary table imdb_snapshot on commit drop as
     select distinct on (${key.join(", ")}) ${columns.join(", ")} from imdb_staging order by ${key.join(", ")}, ctid`,
  );
  await tx.execute("analyze imdb_snapshot");
  // A table that was empty when it was analysed is taken for one that stays so while it fills: nested loops took minutes.
  await tx.execute("set local enable_nestloop = off");
  const [count] = await tx.query<{ kept: number }>("select count(*)::integer as kept from imdb_snapshot");
  const gone = await tx.execute(
    `delete from ${table.name} t where not exists (select from imdb_snapshot s where ${sameKey})`,
  );
  // "on conflict … where" alone would lock, and so write, each row that stays as it is.
  const written = await tx.execute(
    `insert into ${table.name} (${columns.join(", ")})
     select ${of("s", columns)} from imdb_snapshot s left join ${table.name} t on ${sameKey}
     where t.${key[0]} is null or (${of("t", values)}) is distinct from (${of("s", values)})
     on conflict (${key.join(", ")}) do update set ${values.map((name) => `${name} = excluded.${name}`).join(", ")}`,
  );
  await tx.execute("set local enable_nestloop = on");
  return { kept: count?.kept ?? 0, changed: gone + written };
}

/** Share of the snapshot's rows that have no value, for each column that is not of the key. */
export async function nullShares(tx: Transaction, table: SnapshotTable): Promise<Record<string, number | null>> {
  const shares = Object.keys(table.columns)
    .slice(table.keyColumns)
    .map((name) => `(count(*) filter (where ${name} is null))::float8 / nullif(count(*), 0) as ${name}`);
  const [row] = await tx.query<Record<string, number | null>>(`select ${shares.join(", ")} from imdb_snapshot`);
  return row ?? {};
}
