import type { Database } from "@marquee/shared/backing/postgres/database";
import { catalogHash } from "@marquee/workhorse/catalog/catalog-hash";
import { count } from "../local/reporter.ts";
import type { JobOutcome } from "./run-job.ts";
import { textTable } from "./text-table.ts";

export const CONFLICT_KINDS = ["taken", "year", "ambiguous"] as const;
export type ConflictKind = (typeof CONFLICT_KINDS)[number];

const TABLES = [
  "movies",
  "collections",
  "people",
  "companies",
  "movie_genres",
  "movie_companies",
  "credits",
  "tmdb_ratings",
  "imdb_titles",
  "imdb_people",
  "imdb_crew",
  "imdb_principals",
  "imdb_akas",
  "imdb_ratings",
  "link_conflicts",
  "quarantine",
] as const;

interface FetchCount {
  status: string;
  fetches: number;
  latest: Date | null;
}

interface FileLoad {
  file: string;
  loaded_at: Date;
  rows_in: number;
  rows_loaded: number;
  rows_quarantined: number;
  rows_changed: number;
}

/** Rows of each table, what became of the fetches, the last load of each of IMDb's files, and the hash of it all. */
export async function describeCatalog(database: Database): Promise<JobOutcome> {
  const tables = await rowsOfTables(database);
  const [films] = await database.query<{ linked: number; deleted: number }>(
    "select count(imdb_id)::integer as linked, count(deleted_at)::integer as deleted from movies",
  );
  const fetches = await database.query<FetchCount>(
    "select status, count(*)::integer as fetches, max(loaded_at) as latest from archive_loads group by status order by status",
  );
  const files = await database.query<FileLoad>(
    "select file, loaded_at, rows_in, rows_loaded, rows_quarantined, rows_changed from snapshot_loads order by file",
  );
  const hash = await catalogHash(database);
  return {
    rowsIn: 0,
    rowsOut: tables.movies ?? 0,
    detail: { tables, ...films, fetches, files, hash },
    text: [
      textTable(["table", "rows"], Object.entries(tables)),
      `${count(films?.linked ?? 0)} films are linked to IMDb, ${count(films?.deleted ?? 0)} are deleted at TMDB.`,
      ...(fetches.length === 0
        ? ["Nothing of the archive was loaded yet: npm run marquee -- catalog load"]
        : loadTables(fetches, files)),
      `hash ${hash}`,
    ].join("\n\n"),
  };
}

function loadTables(fetches: readonly FetchCount[], files: readonly FileLoad[]): string[] {
  return [
    textTable(
      ["fetches", "number", "latest (UTC)"],
      fetches.map((row) => [row.status, row.fetches, row.latest === null ? null : minute(row.latest)]),
    ),
    textTable(
      ["file", "loaded (UTC)", "lines", "taken", "quarantined", "rows changed"],
      files.map((row) => [
        row.file,
        minute(row.loaded_at),
        row.rows_in,
        row.rows_loaded,
        row.rows_quarantined,
        row.rows_changed,
      ]),
    ),
  ];
}

async function rowsOfTables(database: Database): Promise<Record<string, number>> {
  const counts = TABLES.map((table) => `select '${table}' as name, count(*) as rows from ${table}`);
  const rows = await database.query<{ name: string; rows: number }>(counts.join(" union all "));
  return Object.fromEntries(rows.map(({ name, rows: number }) => [name, number]));
}

interface Conflict {
  kind: ConflictKind;
  tmdb_id: number;
  title: string;
  imdb_id: string;
  score: number | null;
  detail: string;
  first_seen: Date;
  last_seen: Date;
}

export async function listConflicts(
  database: Database,
  { kind, limit }: { kind?: ConflictKind; limit: number },
): Promise<JobOutcome> {
  const conflicts = await database.query<Conflict>(
    `select c.kind, c.tmdb_id, m.title, imdb_id(c.imdb_number) as imdb_id, c.score, c.detail, c.first_seen, c.last_seen
     from link_conflicts c join movies m using (tmdb_id)
     where $1::text is null or c.kind = $1
     order by c.last_seen desc, c.kind, c.tmdb_id, c.imdb_number limit $2`,
    [kind ?? null, limit],
  );
  const counts = await database.query<{ kind: ConflictKind; conflicts: number }>(
    "select kind, count(*)::integer as conflicts from link_conflicts group by kind order by kind",
  );
  return {
    rowsIn: 0,
    rowsOut: conflicts.length,
    detail: { counts, conflicts },
    text: counts.length === 0 ? "TMDB and IMDb do not contradict each other." : conflictTables(counts, conflicts),
  };
}

function conflictTables(
  counts: readonly { kind: ConflictKind; conflicts: number }[],
  conflicts: readonly Conflict[],
): string {
  return [
    textTable(
      ["kind", "conflicts"],
      counts.map((row) => [row.kind, row.conflicts]),
    ),
    textTable(
      ["kind", "TMDB", "title", "IMDb", "score", "detail"],
      conflicts.map((row) => [
        row.kind,
        String(row.tmdb_id),
        row.title,
        row.imdb_id,
        row.score === null ? null : row.score.toFixed(2),
        row.detail,
      ]),
    ),
  ].join("\n\n");
}

/** `2026-11-21 18:30` */
function minute(moment: Date): string {
  return moment.toISOString().slice(0, 16).replace("T", " ");
}
