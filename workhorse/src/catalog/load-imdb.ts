import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive, Manifest } from "../archive/archive.ts";
import type { ImdbFile } from "../sources/imdb-client.ts";
import { readImdbTsv, type TsvRow } from "../sources/imdb-tsv.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { quarantine } from "./quarantine.ts";
import type { Refused } from "./tmdb-movie.ts";

/** IMDb's kinds of titles that are films. */
const FILM_TYPES = new Set(["movie", "tvMovie", "video"]);
/** More bad lines than this in one file are counted, not kept one by one. */
const MAX_KEPT_BAD_LINES = 1_000;

/** How one of IMDb's files becomes rows of a table, through a staging table filled by COPY. */
interface FileLoad {
  columns: readonly string[];
  /** The staging table's columns with types, in the order of `columns`. */
  staging: string;
  /** Why this row cannot be taken; "skip" where it is fine but not ours. */
  problem(row: TsvRow): string | "skip" | undefined;
  /** From staging to the table; $1 is the day of observation where it is used. */
  merge: string;
}

const LOADS: Record<ImdbFile, FileLoad> = {
  "title.ratings": {
    columns: ["tconst", "averageRating", "numVotes"],
    staging: "source_id text, average numeric, votes integer",
    problem: ([id, average, votes]) => {
      if (!id || !/^tt\d{7,10}$/.test(id)) return "tconst is no IMDb id";
      if (!average || !/^(10(\.0)?|\d(\.\d)?)$/.test(average)) return "averageRating is no number from 0 to 10";
      return votes && /^\d{1,9}$/.test(votes) ? undefined : "numVotes is no whole number";
    },
    merge: `insert into ratings (source, source_id, observed_on, average, votes)
            select 'imdb', source_id, $1::date, average, votes from staging on conflict do nothing`,
  },
  "title.basics": {
    columns: ["tconst", "titleType", "primaryTitle", "originalTitle", "startYear", "runtimeMinutes"],
    staging:
      "imdb_id text, title_type text, primary_title text, original_title text, start_year integer, runtime_minutes integer",
    problem: ([id, type, title, , year, runtime]) => {
      if (!id || !/^tt\d{7,10}$/.test(id)) return "tconst is no IMDb id";
      if (!type || !FILM_TYPES.has(type)) return "skip";
      if (!title) return "primaryTitle is missing";
      if (year && !/^\d{4}$/.test(year)) return "startYear is no year";
      return runtime && !/^\d{1,6}$/.test(runtime) ? "runtimeMinutes is no whole number" : undefined;
    },
    merge: `insert into imdb_titles select distinct on (imdb_id) * from staging where $1::date is not null
            on conflict (imdb_id) do update set
              title_type = excluded.title_type, primary_title = excluded.primary_title, original_title = excluded.original_title,
              start_year = excluded.start_year, runtime_minutes = excluded.runtime_minutes
            where (imdb_titles.title_type, imdb_titles.primary_title, imdb_titles.original_title, imdb_titles.start_year, imdb_titles.runtime_minutes)
              is distinct from (excluded.title_type, excluded.primary_title, excluded.original_title, excluded.start_year, excluded.runtime_minutes)`,
  },
};

/** Takes every IMDb file of the archive that is not in the catalog yet. Each file is one transaction. */
export async function loadImdb(context: TaskContext, archive: Archive): Promise<TaskResult> {
  const loaded = new Set(
    (await context.database.query<{ manifest_key: string }>("select manifest_key from archive_loads")).map(
      (row) => row.manifest_key,
    ),
  );
  let rowsIn = 0;
  let rowsOut = 0;
  let refused = 0;
  for await (const { key, manifest } of archive.manifests("imdb")) {
    if (loaded.has(key)) continue;
    context.signal.throwIfAborted();
    const result = await loadFile(context, archive, key, manifest);
    rowsIn += result.seen;
    rowsOut += result.written;
    refused += result.refused;
  }
  return { rowsIn, rowsOut, detail: { rows: rowsIn, changed: rowsOut, refused } };
}

async function loadFile(
  context: TaskContext,
  archive: Archive,
  key: string,
  manifest: Manifest,
): Promise<{ seen: number; written: number; refused: number }> {
  const load = LOADS[manifest.name as ImdbFile];
  const now = context.clock.now();
  return context.database.transaction(async (tx) => {
    const counts = { seen: 0, copied: 0, bad: [] as Refused[], badCount: 0 };
    await tx.execute(`create temporary table staging (${load.staging}) on commit drop`);
    await tx.copyFrom("copy staging from stdin", copyLines(context, load, await archive.openFile(manifest), counts));
    const written = await tx.execute(load.merge, [manifest.observedAt.slice(0, 10)]);
    await noteBadLines(tx, counts.bad, counts.badCount, manifest, now);
    await tx.execute(
      "insert into archive_loads (manifest_key, rows_in, rows_loaded, rows_quarantined, loaded_at) values ($1, $2, $3, $4, $5)",
      [key, counts.seen, counts.copied, counts.badCount, now],
    );
    return { seen: counts.seen, written, refused: counts.badCount };
  });
}

type Counts = { seen: number; copied: number; bad: Refused[]; badCount: number };

/** Rows in COPY's text format; what is wrong is counted and kept aside. */
async function* copyLines(
  context: TaskContext,
  load: FileLoad,
  file: Parameters<typeof readImdbTsv>[0],
  counts: Counts,
): AsyncGenerator<string> {
  function refuse(id: string, detail: string, payload: unknown): void {
    counts.badCount += 1;
    if (counts.bad.length < MAX_KEPT_BAD_LINES) counts.bad.push({ sourceId: id, reason: "schema", detail, payload });
  }
  for await (const { rows, bad } of readImdbTsv(file, load.columns)) {
    context.signal.throwIfAborted();
    let text = "";
    for (const row of rows) {
      const problem = load.problem(row);
      if (problem === undefined) {
        text += copyLine(row);
        counts.copied += 1;
      } else if (problem !== "skip") refuse(row[0] ?? "", problem, row);
    }
    for (const line of bad)
      refuse(line.slice(0, 40), "the line has another number of fields than the header", line.slice(0, 2_000));
    counts.seen += rows.length + bad.length;
    if (text !== "") yield text;
    context.onProgress({ done: counts.seen, unit: "IMDb rows" });
  }
}

/** https://www.postgresql.org/docs/current/sql-copy.html, Text Format: backslash is the only escape that IMDb's fields can need. */
function copyLine(row: TsvRow): string {
  return `${row.map((field) => (field === null ? "\\N" : field.replaceAll("\\", "\\\\").replaceAll("\r", "\\r"))).join("\t")}\n`;
}

async function noteBadLines(
  tx: Transaction,
  bad: readonly Refused[],
  total: number,
  manifest: Manifest,
  now: Date,
): Promise<void> {
  const beyond = total - bad.length;
  const rest: Refused[] =
    beyond > 0
      ? [
          {
            sourceId: manifest.name,
            reason: "too_many",
            detail: `${beyond} more lines of ${manifest.objectKey}`,
            payload: null,
          },
        ]
      : [];
  await quarantine(tx, "imdb", [...bad, ...rest], now);
}
