import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { BackedUpMigration, BackedUpSequence, BackedUpTable } from "./backup-manifest.ts";
import { inForeignKeyOrder, type TableReference } from "./table-order.ts";

/** A table as the database has it. */
export interface TableForm extends Pick<BackedUpTable, "name" | "columns" | "partition"> {
  /** SQL after `order by`: an order that does not depend on the server's languages or on where rows lie. */
  orderBy: string;
}

/** What an extension brought is its own; what one connection made for itself ends with it. */
const OUR_TABLE = `c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence <> 't'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** Settings under which equal values have equal text on every server, from PostgreSQL 15 on. */
export const EQUAL_TEXT = `set local time zone 'UTC'; set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres';
  set local bytea_output = 'hex'; set local extra_float_digits = 1`;

/** A copy of a large table takes what it takes; who is away for good is found out all the same. */
export const UNHURRIED = `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
  set local tcp_keepalives_idle = 30; set local tcp_keepalives_interval = 10; set local tcp_keepalives_count = 3`;

/** All tables with rows of their own (of a partitioned table its partitions), in the order in which they are restored. */
export async function readTables(database: Queries): Promise<TableForm[]> {
  const rows = await database.query<{
    name: string;
    columns: string[];
    key: { column: string; isText: boolean }[] | null;
    partition_of: string | null;
    bound: string | null;
  }>(
    `select c.relname::text as name,
       coalesce((select array_agg(a.attname::text order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''), '{}') as columns,
       (select json_agg(json_build_object('column', a.attname, 'isText', a.attcollation <> 0) order by k.place)
        from pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
        where i.indrelid = c.oid and i.indisprimary) as key,
       (select p.relname::text from pg_inherits i join pg_class p on p.oid = i.inhparent
        where i.inhrelid = c.oid and c.relispartition) as partition_of,
       pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_class c where ${OUR_TABLE} order by c.relname::text collate "C"`,
  );
  const forms = new Map(
    rows.map(({ name, columns, key, partition_of, bound }): [string, TableForm] => [
      name,
      {
        name,
        columns,
        orderBy: key
          ? key.map(({ column, isText }) => `${quoted(column)}${isText ? ' collate "C"' : ""}`).join(", ")
          : columns.map((column) => `${quoted(column)}::text collate "C"`).join(", "),
        ...(partition_of !== null && bound !== null ? { partition: { of: partition_of, bound } } : {}),
      },
    ]),
  );
  return inForeignKeyOrder([...forms.keys()], await readReferences(database)).flatMap((name) => forms.get(name) ?? []);
}

/** A key to a partitioned table is one to each of its partitions. */
function readReferences(database: Queries): Promise<TableReference[]> {
  return database.query<TableReference>(
    `select c.relname::text as "from", t.relname::text as "to"
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     cross join lateral (
       select k.confrelid as oid union select relid from pg_partition_tree(k.confrelid) where isleaf
     ) as target join pg_class t on t.oid = target.oid and t.relkind = 'r'
     where k.contype = 'f' and ${OUR_TABLE}`,
  );
}

/** Where each sequence stands. Sequences know no snapshot: they stand at or after the rows of one. */
export async function readSequences(database: Queries): Promise<BackedUpSequence[]> {
  const names = await database.query<{ name: string }>(
    `select relname::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'S' and relpersistence <> 't' order by relname::text collate "C"`,
  );
  const sequences: BackedUpSequence[] = [];
  for (const { name } of names) {
    const rows = await database.query<Omit<BackedUpSequence, "name">>(
      `select last_value::text as "lastValue", is_called as called from public.${quoted(name)}`,
    );
    sequences.push(...rows.map((row) => ({ name, ...row })));
  }
  return sequences;
}

/** @returns none where nothing was ever migrated */
export async function readAppliedMigrations(database: Queries): Promise<BackedUpMigration[]> {
  const [found] = await database.query<{ there: boolean }>(
    "select to_regclass('public.schema_migrations') is not null as there",
  );
  if (!found?.there) return [];
  return database.query<BackedUpMigration>("select version, name, hash from public.schema_migrations order by version");
}

/** A table's rows as text, in its order. */
export function copyOutOf({ name, columns, orderBy }: TableForm): string {
  return `copy (select ${columnList(columns)} from only public.${quoted(name)} order by ${orderBy}) to stdout`;
}

export function copyInto({ name, columns }: Pick<TableForm, "name" | "columns">): string {
  return `copy public.${quoted(name)} (${columnList(columns)}) from stdin`;
}

function columnList(columns: readonly string[]): string {
  return columns.map(quoted).join(", ");
}

/** A name as SQL takes it, whatever it is. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
