import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadSettings } from "@marquee/shared/service/env";
import { MarqueeError } from "@marquee/shared/service/errors";
import { findInput } from "@marquee/shared/testing/inputs";
import type { BenchResult } from "./benches.ts";
import { benchSettings } from "./env.ts";
import { countRows, createOwnDatabase, execute } from "./own-database.ts";
import { type FileServer, serveFile } from "./serve-file.ts";

const run = promisify(execFile);

/** IMDb's whole file of that day: 775,956 titles. */
const FILE = "data/imdb/title.ratings.2017-10-29.tsv.gz";
const MODIFIED = new Date("2017-10-29T00:00:00Z");
/** Each side so often, in turns, so that what else the machine does meets both. */
const ROUNDS = 5;

interface Side {
  seconds: number;
  rows: number;
}

/**
 * Our load of IMDb's ratings (download, archive, check, typed rows with a key, committed) against `zcat | psql \copy` of
 * the same rows into a bare table, on the same server.
 * @throws SETTINGS_INVALID without DATABASE_URL; USAGE where the inputs are not there; INTERNAL where the two sides do
 *   not have equally many rows
 */
export async function benchRatingsLoad(print: (line: string) => void): Promise<BenchResult> {
  const { DATABASE_URL: server } = loadSettings(benchSettings);
  const file = findInput(FILE, "benchmarks of ratings");
  if (file === undefined) throw new MarqueeError("USAGE", `The benchmark needs ${FILE} of the inputs.`);
  const host = await serveFile("title.ratings.tsv.gz", await readFile(file), MODIFIED);
  const ours: (Side & { memoryMb: number; fetchSeconds: number })[] = [];
  const peers: Side[] = [];
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      ours.push(await loadOurs(server, host));
      peers.push(await loadPeer(server, file));
      const [own, peer] = [ours.at(-1), peers.at(-1)];
      print(
        `round ${round} of ${ROUNDS}: ours ${own?.seconds.toFixed(3)} s (download and archive ${own?.fetchSeconds.toFixed(3)}), zcat | psql ${peer?.seconds.toFixed(3)} s`,
      );
    }
  } finally {
    host.close();
  }
  const rows = equalRows([...ours, ...peers]);
  const oursSeconds = median(ours.map(({ seconds }) => seconds));
  const peerSeconds = median(peers.map(({ seconds }) => seconds));
  return {
    name: "ratings-load",
    ratio: rounded(oursSeconds / peerSeconds),
    memoryMb: Math.ceil(Math.max(...ours.map(({ memoryMb }) => memoryMb))),
    oursSeconds: rounded(oursSeconds),
    peerSeconds: rounded(peerSeconds),
    rows,
  };
}

async function loadOurs(
  server: string,
  { address }: FileServer,
): Promise<Side & { memoryMb: number; fetchSeconds: number }> {
  const database = await createOwnDatabase(server, { migrated: true });
  const folder = await mkdtemp(join(tmpdir(), "marquee-bench-"));
  try {
    const main = join(import.meta.dirname, "main.ts");
    const { stdout } = await run(process.execPath, [main, "ratings-load-once", address, database.name, folder]);
    const { seconds, fetchSeconds, memoryMb } = JSON.parse(stdout) as Record<string, number>;
    if (seconds === undefined || fetchSeconds === undefined || memoryMb === undefined) {
      throw new MarqueeError("INTERNAL", `Our side gave no figures: ${stdout}`);
    }
    return { seconds, fetchSeconds, memoryMb, rows: await countRows(database.url, "imdb_ratings") };
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadPeer(server: string, file: string): Promise<Side> {
  const database = await createOwnDatabase(server, { migrated: false });
  try {
    await execute(database.url, "create table bare (tconst text, average_rating numeric, num_votes integer)");
    const command =
      'zcat "$1" | psql -q -v ON_ERROR_STOP=1 -c "\\copy bare from stdin with (format text, header)" "$2"';
    const start = performance.now();
    await run("sh", ["-c", command, "sh", file, database.url]);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, rows: await countRows(database.url, "bare") };
  } finally {
    await database.drop();
  }
}

function equalRows(sides: readonly Side[]): number {
  const counts = [...new Set(sides.map(({ rows }) => rows))];
  const [rows] = counts;
  if (rows !== undefined && rows > 0 && counts.length === 1) return rows;
  throw new MarqueeError("INTERNAL", `The two sides do not have equally many rows: ${counts.join(", ")}.`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
