import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { systemCode } from "@marquee/shared/service/errors";
import type { Archive, ListedManifest, Manifest } from "../archive/archive.ts";
import type { Figure } from "../data-quality/quality-check.ts";
import { gunzipped } from "../sources/imdb-gunzip.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import { type FileLoad, type FileOutcome, type LoadContext, loadGated } from "./imdb-gated-load.ts";
import { createRefusedLines, type RefusedLines } from "./imdb-refused-lines.ts";
import { copyRatings, type RatingsFigures } from "./ratings-copy.ts";
import { insertObservations } from "./ratings-observations.ts";

/**
 * Why the key cannot be made afterwards (https://www.postgresql.org/docs/current/errcodes-appendix.html): a title is there
 * twice, the table is another role's, somebody keeps it busy.
 */
const KEY_STAYS = new Set(["23505", "42501", "55P03"]);
/** Whoever reads the table waits behind us while we wait for it. */
const LOCK_TIMEOUT = "2s";

interface RatingsFile {
  context: LoadContext;
  archive: Archive;
  manifest: Manifest;
  day: CalendarDate;
}

interface CopiedFile {
  refused: RefusedLines;
  figures: RatingsFigures;
}

/**
 * Loads one state of title.ratings as observations of its day. A title that the file names twice has its first line.
 * The first file of an empty table is copied straight into it, its key made afterwards: 776,000 rows take 0.45 s so,
 * and 1.2 s with the key in place. Later ones are compared with what is known, and only what has changed is added.
 */
export async function loadRatings(context: LoadContext, archive: Archive, fetch: ListedManifest): Promise<FileOutcome> {
  const { manifest } = fetch;
  const file = { context, archive, manifest, day: dayOfFile(manifest) };
  return loadGated(context, fetch, async (tx) => {
    const [known] = await tx.query<object>("select 1 from imdb_ratings limit 1");
    const newest = await newestDay(tx);
    const late = newest !== undefined && newest > file.day;
    const filled = known ? undefined : await fillEmptyTable(tx, file);
    const load = filled ?? (await addToTable(tx, file, late));
    return late ? load : { ...load, state: `${file.day} ${manifest.sha256}` };
  });
}

/** The day of the newest file that was loaded. */
async function newestDay(tx: Transaction): Promise<string | undefined> {
  const [row] = await tx.query<{ input_hash: string }>(
    "select input_hash from snapshot_loads where file = 'title.ratings'",
  );
  return row?.input_hash.slice(0, "YYYY-MM-DD".length);
}

/** @returns undefined, and the table as it was, where that way is not open */
async function fillEmptyTable(tx: Transaction, file: RatingsFile): Promise<FileLoad | undefined> {
  await tx.execute("savepoint empty_table");
  try {
    await tx.execute(
      `set local lock_timeout = '${LOCK_TIMEOUT}'; alter table imdb_ratings drop constraint imdb_ratings_pkey; set local lock_timeout to default`,
    );
    const copied = await copyFile(tx, "imdb_ratings", file);
    await tx.execute(
      "alter table imdb_ratings add constraint imdb_ratings_pkey primary key (imdb_number, observed_on)",
    );
    return fileLoad(copied, copied.figures.rows);
  } catch (error) {
    if (!KEY_STAYS.has(systemCode(error))) throw error;
    await tx.execute("rollback to savepoint empty_table");
    return undefined;
  }
}

async function addToTable(tx: Transaction, file: RatingsFile, late: boolean): Promise<FileLoad> {
  await tx.execute(
    "create temporary table ratings_staging (imdb_number integer, observed_on date, average real, votes integer) on commit drop",
  );
  const copied = await copyFile(tx, "ratings_staging", file);
  return fileLoad(copied, await insertObservations(tx, { day: file.day, late }));
}

async function copyFile(
  tx: Transaction,
  table: "imdb_ratings" | "ratings_staging",
  { context, archive, manifest, day }: RatingsFile,
): Promise<CopiedFile> {
  const copied: CopiedFile = {
    refused: createRefusedLines("title.ratings"),
    figures: { lines: 0, rows: 0, tenths: 0 },
  };
  const text = gunzipped(await archive.openFile(manifest));
  const rows = copyRatings(watched(text, context, manifest, copied.figures), { day: epochDay(day), ...copied });
  await tx.copyFrom(`copy ${table} from stdin with (format binary)`, rows);
  return copied;
}

/** The same chunks, with what was read of the file told between them. */
async function* watched(
  text: AsyncIterable<Buffer>,
  { signal, onProgress }: TaskContext,
  { rows }: Manifest,
  figures: RatingsFigures,
): AsyncGenerator<Buffer> {
  for await (const chunk of text) {
    signal.throwIfAborted();
    yield chunk;
    onProgress({ done: figures.lines, ...(rows === null ? {} : { total: rows }), unit: "IMDb ratings" });
  }
}

/** A file says how things stood on the day on which it was made. */
function dayOfFile(manifest: Manifest): CalendarDate {
  return manifest.observedAt.slice(0, 10) as CalendarDate;
}

function fileLoad({ refused, figures: { lines, rows, tenths } }: CopiedFile, rowsChanged: number): FileLoad {
  const subject = { layer: "bronze", subject: "title.ratings" } as const;
  const shareOf = (count: number) => (lines === 0 ? null : count / lines);
  const figures: Figure[] = [
    { ...subject, metric: "null_share averageRating", value: shareOf(refused.countOf("averageRating", "null")) },
    { ...subject, metric: "null_share numVotes", value: shareOf(refused.countOf("numVotes", "null")) },
    { ...subject, metric: "out_of_range_share tconst", value: shareOf(refused.countOf("tconst", "form")) },
    {
      ...subject,
      metric: "out_of_range_share averageRating",
      value: shareOf(refused.countOf("averageRating", "form")),
    },
    { ...subject, metric: "out_of_range_share numVotes", value: shareOf(refused.countOf("numVotes", "form")) },
    { ...subject, metric: "mean averageRating", value: rows === 0 ? null : tenths / 10 / rows },
  ];
  return { rowsIn: lines, rowsLoaded: rows, rowsChanged, refused, figures };
}
