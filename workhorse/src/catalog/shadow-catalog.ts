import type { Database, Queries } from "@marquee/shared/backing/postgres/database";
import { MarqueeError } from "@marquee/shared/service/errors";
import { OWN_TIMES, SILVER_TABLES, type SilverTable } from "./catalog-tables.ts";

/** Where a catalog is made beside the one in use. */
const SCHEMA = "catalog_rebuild";

/**
 * What else loading writes or asks: the fields of bodies, which are counted already, and the figures of earlier loads,
 * which old files are not to be held against.
 */
const SET_ASIDE = ["source_fields", "schema_drift", "step_runs", "quality_checks"] as const;

/** Has a row as long as the server has not emptied the tables. */
const WHOLE = `${SCHEMA}.whole`;

/**
 * An empty catalog beside the one in use, in tables of the same form that are not logged: a server that crashes empties
 * them, and all is made again. What an interrupted rebuild left is dropped.
 * @returns the database as loading sees it: silver tables are the new ones, all others those in use
 */
export async function createShadow(database: Database): Promise<Database> {
  await dropShadow(database);
  await database.transaction(async (tx) => {
    await tx.execute(`create schema ${SCHEMA}; create unlogged table ${WHOLE} as select true as whole`);
    for (const table of [...SILVER_TABLES, ...SET_ASIDE])
      await tx.execute(`create unlogged table ${SCHEMA}.${table} (like ${table} including all)`);
    const keys = await foreignKeys(tx);
    // Read with the names of the tables in use, so that they mean the new ones from here on.
    await tx.execute(USE_SHADOW);
    for (const { table, definition } of keys) await tx.execute(`alter table ${table} add ${definition}`);
  });
  return shadowOf(database);
}

export async function dropShadow(database: Database): Promise<void> {
  await database.execute(`drop schema if exists ${SCHEMA} cascade`);
}

const USE_SHADOW = `select set_config('search_path', '${SCHEMA}, ' || current_setting('search_path'), true)`;

/** The same database with unqualified names looked for in the shadow first. Closing stays with who opened it. */
function shadowOf(database: Database): Database {
  const transaction: Database["transaction"] = (work) =>
    database.transaction(async (tx) => {
      await tx.execute(USE_SHADOW);
      return work(tx);
    });
  return {
    query: (sql, values) => transaction((tx) => tx.query(sql, values)),
    execute: (sql, values) => transaction((tx) => tx.execute(sql, values)),
    transaction,
    ping: () => database.ping(),
    close: async () => {},
  };
}

/** Between silver tables: deleting a film takes its credits with it in the shadow too. */
function foreignKeys(queries: Queries): Promise<{ table: string; definition: string }[]> {
  return queries.query(
    `select c.relname as table, pg_get_constraintdef(k.oid) as definition
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace and c.relname = any($1) and r.relname = any($1)
     order by c.relname, k.conname`,
    [SILVER_TABLES],
  );
}

/**
 * Makes the catalog in use say what the shadow says, in one transaction and as the difference: whoever reads sees the old
 * one until all of it is there, and what is equal is not written.
 * @returns rows that were other than the shadow's
 * @throws DATABASE_UNAVAILABLE where the server has crashed since the shadow was made, and emptied its tables
 */
export async function takeOverShadow(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    await assertWhole(tx);
    await tx.execute(`analyze ${SILVER_TABLES.map((table) => `${SCHEMA}.${table}`).join(", ")}`);
    // A table in use that was empty when it was analysed is taken for one that stays so, and comparing it by nested loops
    // while it fills took minutes for 340,000 rows where a hash takes a second.
    await tx.execute("set local enable_nestloop = off");
    let changed = 0;
    for (const table of SILVER_TABLES) changed += await takeRows(tx, table);
    // An older state of a file was loaded all the same, though a rebuild takes the latest alone.
    for (const table of SILVER_TABLES.toReversed())
      if (table !== "archive_loads") changed += await removeOthers(tx, table);
    return changed;
  });
}

async function assertWhole(queries: Queries): Promise<void> {
  const rows = await queries.query(`select from ${WHOLE}`);
  if (rows.length > 0) return;
  throw new MarqueeError(
    "DATABASE_UNAVAILABLE",
    "The database server crashed during the rebuild, and the new catalog is lost. The old one is in use as before: run the rebuild again.",
  );
}

async function takeRows(queries: Queries, table: SilverTable): Promise<number> {
  const { all, keys } = await columnsOf(queries, table);
  const own = OWN_TIMES[table] ?? [];
  const values = all.filter((column) => !keys.includes(column));
  const compared = values.filter((column) => !own.includes(column));
  // What is equal is left out before: a conflict alone would write to the row, to lock it.
  const same = [
    `${rowOf("o", keys)} = ${rowOf("n", keys)}`,
    ...compared.map((column) => `o.${column} is not distinct from n.${column}`),
  ];
  const update = values.map((column) => `${column} = excluded.${column}`);
  return queries.execute(
    `insert into ${table} (${all.join(", ")})
     select ${all.map((column) => `n.${column}`).join(", ")} from ${SCHEMA}.${table} n
     where not exists (select from ${table} o where ${same.join(" and ")})
     on conflict (${keys.join(", ")}) do ${update.length === 0 ? "nothing" : `update set ${update.join(", ")}`}`,
  );
}

async function removeOthers(queries: Queries, table: SilverTable): Promise<number> {
  const { keys } = await columnsOf(queries, table);
  return queries.execute(
    `delete from ${table} o where not exists (
       select from ${SCHEMA}.${table} n where ${rowOf("n", keys)} = ${rowOf("o", keys)})`,
  );
}

function rowOf(table: string, columns: readonly string[]): string {
  return `(${columns.map((column) => `${table}.${column}`).join(", ")})`;
}

/** The columns that are written, and those of the primary key. */
async function columnsOf(queries: Queries, table: SilverTable): Promise<{ all: string[]; keys: string[] }> {
  const rows = await queries.query<{ name: string; is_key: boolean }>(
    `select quote_ident(a.attname) as name, a.attnum = any(i.indkey) as is_key
     from pg_attribute a join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by a.attnum`,
    [table],
  );
  return { all: rows.map(({ name }) => name), keys: rows.filter(({ is_key }) => is_key).map(({ name }) => name) };
}
