import type { Queries } from "./database.ts";

/** A column as people read it. */
export interface ColumnDescription {
  name: string;
  /** PostgreSQL's name of the type. */
  type: string;
  nullable: boolean;
  /** Meaning, unit, and what null says; "" where nothing is said. */
  meaning: string;
  /** Where its values come from; "" where they are our own. */
  source: string;
}

export interface TableDescription {
  name: string;
  kind: "table" | "view";
  /** bronze, silver, gold, registry, runs, pipelines, events; "" where nothing is said. */
  layer: string;
  purpose: string;
  primaryKey: string[];
  columns: ColumnDescription[];
}

interface ColumnRow {
  table_name: string;
  is_view: boolean;
  table_comment: string | null;
  primary_key: string[] | null;
  column_name: string;
  type: string;
  nullable: boolean;
  column_comment: string | null;
}

const COLUMNS = `
  select c.relname as table_name, c.relkind = 'v' as is_view, obj_description(c.oid, 'pg_class') as table_comment,
         (select array_agg(k.attname::text order by array_position(x.indkey::smallint[], k.attnum))
          from pg_index x join pg_attribute k on k.attrelid = c.oid and k.attnum = any(x.indkey)
          where x.indrelid = c.oid and x.indisprimary) as primary_key,
         a.attname as column_name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
         col_description(c.oid, a.attnum) as column_comment
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and not c.relispartition
  order by c.relname collate "C", a.attnum`;

/**
 * Every table and view of ours with what its comments say. A table's comment is `layer: purpose`, a column's ends with
 * its source in brackets.
 */
export async function describeSchema(database: Queries): Promise<TableDescription[]> {
  const rows = await database.query<ColumnRow>(COLUMNS);
  return [...Map.groupBy(rows, (row) => row.table_name).entries()].flatMap(([name, columns]) => {
    const [first] = columns;
    if (!first) return [];
    const { layer = "", purpose = "" } =
      /^(?<layer>[a-z]+): (?<purpose>.*)$/.exec(first.table_comment ?? "")?.groups ?? {};
    return [
      {
        name,
        kind: first.is_view ? "view" : "table",
        layer,
        purpose,
        primaryKey: first.primary_key ?? [],
        columns: columns.map(describeColumn),
      } satisfies TableDescription,
    ];
  });
}

function describeColumn({ column_name: name, type, nullable, column_comment }: ColumnRow): ColumnDescription {
  const { meaning = "", source = "" } =
    /^(?<meaning>.*?) ?(\[(?<source>[^\]]*)\])?$/.exec(column_comment ?? "")?.groups ?? {};
  return { name, type, nullable, meaning, source };
}
