import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import { sha256 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import type { BackupContext } from "../src/backup/backup-context.ts";
import { readTables } from "../src/backup/read-tables.ts";
import { artifactKeyOf } from "../src/tasks/artifact-key.ts";

/** Moves on by a second at each look. */
export function tickingClock(from: string): Clock {
  let now = new Date(from).getTime();
  return {
    now: () => {
      now += 1_000;
      return new Date(now);
    },
  };
}

/** @param folder of the product's object store, and of the backups' unless another is given */
export function backupContext(database: Database, folder: string, changes: Partial<BackupContext> = {}): BackupContext {
  const objectStore = createFileObjectStore(folder);
  return {
    database,
    objectStore,
    backups: { store: objectStore, keep: { daily: 7, weekly: 4, monthly: 12 } },
    clock: tickingClock("2026-11-21T03:30:00Z"),
    log: createLogger("test", "silent"),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...changes,
  };
}

interface Column {
  column: string;
  type: string;
  optional: boolean;
  /** As `check` has them. */
  choices: string | null;
}

/** Rows per table; the last has null wherever it may. */
const ROWS = 3;
const NASTY = "a\tb\nc\r\nd\\N \\. \\t 'e' \"f\" {g,NULL} \u0001\u007f Ünï 電影 🎬 ";

/** Puts rows into every table that there is: equal columns of two tables have equal values, so foreign keys hold. */
export async function fillEveryTable(database: Database): Promise<void> {
  for (const { name } of await readTables(database)) {
    if (name === "schema_migrations") continue;
    const columns = await database.query<Column>(
      `select a.attname::text as column, format_type(a.atttypid, null) as type, not a.attnotnull as optional,
         (select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
          where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]) as choices
       from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
         and a.attgenerated = '' and a.attidentity <> 'a' order by a.attnum`,
      [`public.${name}`],
    );
    for (let row = 1; row <= ROWS; row++) {
      const values = columns.map((column) => (column.optional && row === ROWS ? null : cellOf(name, column, row)));
      const places = columns.map(({ type }, i) => `$${i + 1}::${type}`).join(", ");
      const names = columns.map(({ column }) => `"${column}"`).join(", ");
      await database.execute(`insert into public.${name} (${names}) values (${places})`, values);
    }
  }
}

function cellOf(table: string, { column, type, choices }: Column, row: number): unknown {
  const choice = /ARRAY\['(\w+)'/.exec(choices ?? "")?.[1] ?? /= '(\w+)'/.exec(choices ?? "")?.[1];
  if (choice !== undefined) return choice;
  if (/(^|_)imdb_id$|^source_id$/.test(column)) return `tt000000${row}`;
  if (column === "user_hash" || column === "artifact_sha256") return sha256(`${row}`);
  if (table === "training_runs" && column === "metrics") return { testedSha256: sha256(`twin ${row}`) };
  switch (type) {
    case "text":
      return `${NASTY}${row}`;
    case "uuid":
      return `00000000-0000-7000-8000-00000000000${row}`;
    case "date":
      return `2026-02-2${row}`;
    case "timestamp with time zone":
      return `2026-02-28 23:59:59.12345${row}+09`;
    case "jsonb":
      return { text: `${NASTY}${row}`.replaceAll("\u0001", "").replaceAll("\u007f", ""), numbers: [1.5, null, 1e21] };
    case "boolean":
      return row % 2 === 0;
    case "text[]":
      return [`${NASTY}${row}`, null, ""];
    case "double precision[]":
      return ["NaN", 0.1 + 0.2, "-Infinity", 5e-324];
    case "double precision":
      return 0.1 + 0.2;
    case "real":
      return 1 / 3;
    default:
      return row;
  }
}

/** Puts the files of every registered model, and of its twin, into the object store. */
export async function storeModels(objectStore: ObjectStore): Promise<void> {
  for (let row = 1; row <= ROWS; row++) {
    for (const artifact of [sha256(`${row}`), sha256(`twin ${row}`)]) {
      await objectStore.put(`${artifactKeyOf(artifact)}/manifest.json`, `{"model":"${artifact}"}`);
      await objectStore.put(`${artifactKeyOf(artifact)}/weights.bin`, Buffer.alloc(4_000, row));
    }
  }
}
