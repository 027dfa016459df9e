import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { Archive, ListedManifest, Manifest } from "../archive/archive.ts";
import type { Figure } from "../data-quality/quality-check.ts";
import { gunzipped } from "../sources/imdb-gunzip.ts";
import { readTsvLines } from "../sources/imdb-tsv.ts";
import { type FileLoad, type FileOutcome, type LoadContext, loadGated } from "./imdb-gated-load.ts";
import { createRefusedLines, lineReason, TOO_MANY } from "./imdb-refused-lines.ts";
import { createSnapshotReader, type SnapshotReader } from "./imdb-snapshot-reader.ts";
import { nullShares, replaceBySnapshot } from "./imdb-snapshot-table.ts";
import type { Snapshot, SnapshotTable } from "./imdb-snapshots.ts";
import { wantedNumbers } from "./imdb-wanted.ts";

/** What reading and writing a file came to. */
interface Written {
  changed: number;
  figures: Figure[];
}

/**
 * Makes a snapshot's table say what its file says, of films alone: the file is streamed into a staging table, and of
 * that only what differs is written.
 * @param state identity of the file and of the states of those that it depends on
 */
export async function loadSnapshot(
  context: LoadContext,
  archive: Archive,
  snapshot: Snapshot,
  { fetch, state }: { fetch: ListedManifest; state: string },
): Promise<FileOutcome> {
  const { file, columns, table, wanted } = snapshot;
  return loadGated(context, fetch, async (tx): Promise<FileLoad> => {
    const refused = createRefusedLines(file);
    const reader = createSnapshotReader(snapshot, await wantedNumbers(tx, wanted), refused);
    const lines = readTsvLines(gunzipped(await archive.openFile(fetch.manifest)), columns);
    const rows = copyText(lines, reader, context, fetch.manifest);
    const written = table ? await writeTable(tx, snapshot.file, table, rows) : await readOnly(rows);
    await forgetEarlierLines(tx, snapshot, fetch.key);
    const { lines: rowsIn, taken: rowsLoaded } = reader;
    const malformed = columns.map((column): Figure => {
      const value = rowsIn === 0 ? null : refused.countOf(column, "form") / rowsIn;
      return { layer: "bronze", subject: file, metric: `out_of_range_share ${column}`, value };
    });
    const figures = [...written.figures, ...malformed];
    return { rowsIn, rowsLoaded, rowsChanged: written.changed, refused, figures, state };
  });
}

/** The file's lines as COPY's text of the table's rows. */
async function* copyText(
  batches: ReturnType<typeof readTsvLines>,
  reader: SnapshotReader,
  { signal, onProgress }: LoadContext,
  { name, rows }: Manifest,
): AsyncGenerator<string> {
  for await (const { header, lines } of batches) {
    signal.throwIfAborted();
    const text = reader.read(lines, header);
    if (text !== "") yield text;
    onProgress({ done: reader.lines, ...(rows === null ? {} : { total: rows }), unit: `lines of ${name}` });
  }
}

async function writeTable(
  tx: Transaction,
  file: string,
  table: SnapshotTable,
  rows: AsyncIterable<string>,
): Promise<Written> {
  const columns = Object.entries(table.columns).map(([name, type]) => `${name} ${type}`);
  await tx.execute(`create temporary table imdb_staging (${columns.join(", ")}) on commit drop`);
  await tx.copyFrom("copy imdb_staging from stdin", rows);
  const { kept, changed } = await replaceBySnapshot(tx, table);
  const nulls = await nullShares(tx, table);
  const subject = { layer: "bronze", subject: file } as const;
  return {
    changed,
    figures: [
      { ...subject, metric: "rows kept", value: kept },
      ...Object.entries(nulls).map(
        ([column, value]): Figure => ({ ...subject, metric: `null_share ${column}`, value }),
      ),
    ],
  };
}

/** Reads a file of which nothing is kept to its end. */
async function readOnly(rows: AsyncIterable<string>): Promise<Written> {
  for await (const _ of rows);
  return { changed: 0, figures: [] };
}

/** The quarantine too says what the latest file says: lines of earlier ones are no longer waited for. */
async function forgetEarlierLines(tx: Transaction, { file }: Snapshot, manifestKey: string): Promise<void> {
  await tx.execute(
    `delete from quarantine where source = 'imdb' and manifest_key is distinct from $1
       and (reason = $2 or (reason = $3 and source_id = $4))`,
    [manifestKey, lineReason(file), TOO_MANY, file],
  );
}
