import type { Database } from "@marquee/shared/backing/postgres/database";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { Archive, ListedManifest, Manifest } from "../archive/archive.ts";
import { dayFolder, isNamed, manifestPrefix } from "../archive/manifest.ts";
import type { FileOutcome, LoadContext } from "./imdb-gated-load.ts";
import { loadSnapshot } from "./imdb-snapshot-load.ts";
import { SNAPSHOTS, type Snapshot } from "./imdb-snapshots.ts";
import { loadRatings } from "./ratings-load.ts";

/** Counted up when a snapshot's rows are made otherwise, so that the same files are read again. */
const ROWS_VERSION = 1;

/**
 * Brings the catalog up to what the archive has of IMDb. Of title.ratings each file is loaded in its turn, since each
 * tells of its day; of the others the latest alone, since it says all. Each file is one transaction, and one that the
 * quality gate refuses leaves the others to be loaded.
 * @returns rowsIn: lines; rowsOut: rows that are other than before; detail: rows, changed, and `files`, what became of each
 */
export async function loadImdb(context: LoadContext, archive: Archive): Promise<TaskResult> {
  const outcomes = [...(await loadAllRatings(context, archive)), ...(await loadSnapshots(context, archive))];
  const rows = outcomes.reduce((sum, outcome) => sum + outcome.rows, 0);
  const changed = outcomes.reduce((sum, outcome) => sum + outcome.changed, 0);
  return { rowsIn: rows, rowsOut: changed, detail: { rows, changed, files: outcomes } };
}

async function loadAllRatings(context: LoadContext, archive: Archive): Promise<FileOutcome[]> {
  const done = await keysWith(context.database, ["loaded", "refused"]);
  const outcomes: FileOutcome[] = [];
  for (const fetch of await archive.pending("imdb", (key) => !isNamed(key, "title.ratings") || done.has(key))) {
    context.signal.throwIfAborted();
    outcomes.push(await loadRatings(context, archive, fetch));
  }
  return outcomes;
}

async function loadSnapshots(context: LoadContext, archive: Archive): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  const keys = await Array.fromAsync(archive.keys("imdb"));
  for (const snapshot of SNAPSHOTS) {
    const own = keys.filter((key) => isNamed(key, snapshot.file));
    for (let refused = true; refused; ) {
      context.signal.throwIfAborted();
      const outcome = await loadLatest(context, archive, snapshot, own);
      if (outcome) outcomes.push(outcome);
      // An earlier one takes its place, which mostly is the one that is loaded already.
      refused = outcome?.refused !== undefined;
    }
  }
  return outcomes;
}

/**
 * Loads the latest fetch that was not refused.
 * @param keys of the file's manifests, by day
 * @returns undefined where the table says what it says already
 */
async function loadLatest(
  context: LoadContext,
  archive: Archive,
  snapshot: Snapshot,
  keys: readonly string[],
): Promise<FileOutcome | undefined> {
  const refused = await keysWith(context.database, ["refused"]);
  const fetch = await latestOf(
    archive,
    keys.filter((key) => !refused.has(key)),
  );
  if (fetch === undefined) return undefined;
  const states = await loadedStates(context.database);
  const state = stateOf(snapshot, fetch.manifest, states);
  return states.get(snapshot.file) === state ? undefined : loadSnapshot(context, archive, snapshot, { fetch, state });
}

/** A day's fetches have no order in their keys. */
async function latestOf(archive: Archive, keys: readonly string[]): Promise<ListedManifest | undefined> {
  const last = keys.at(-1);
  if (last === undefined) return undefined;
  const ofDay = keys.filter((key) => dayFolder(key) === dayFolder(last));
  const fetches = await Promise.all(ofDay.map((key) => archive.manifest(key)));
  return fetches.sort((a, b) => Date.parse(a.manifest.fetchedAt) - Date.parse(b.manifest.fetchedAt)).at(-1);
}

/** What a table holds follows from its file and from what the tables hold that it depends on. */
function stateOf({ dependsOn }: Snapshot, { sha256: file }: Manifest, states: ReadonlyMap<string, string>): string {
  return sha256(
    canonicalJson({ version: ROWS_VERSION, file, on: dependsOn.map((other) => states.get(other) ?? null) }),
  );
}

async function loadedStates(database: Database): Promise<Map<string, string>> {
  const rows = await database.query<{ file: string; input_hash: string }>(
    "select file, input_hash from snapshot_loads",
  );
  return new Map(rows.map(({ file, input_hash }) => [file, input_hash]));
}

/** Fetches of IMDb's that were loaded or refused. */
async function keysWith(database: Database, statuses: readonly ("loaded" | "refused")[]): Promise<Set<string>> {
  const rows = await database.query<{ manifest_key: string }>(
    "select manifest_key from archive_loads where starts_with(manifest_key, $1) and status = any($2)",
    [manifestPrefix("imdb"), statuses],
  );
  return new Set(rows.map(({ manifest_key }) => manifest_key));
}
