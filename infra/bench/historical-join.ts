import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import { openDuckDb, sqlText, streamChunks } from "@marquee/workhorse/offline-store/duckdb";
import type { EntityRows } from "@marquee/workhorse/offline-store/historical-entities";
import { historicalFeatures } from "@marquee/workhorse/offline-store/historical-features";
import type { LocalDataset } from "@marquee/workhorse/offline-store/open-dataset";
import { wideValues } from "@marquee/workhorse/offline-store/view-rows";
import type { BenchResult } from "./benches.ts";
import { writeFeastDataset } from "./feast-dataset.ts";
import { type FeastPeer, startFeastPeer } from "./feast-peer.ts";
import { feastView } from "./feast-views.ts";
import type { HistoricalJoin } from "./sdk-figures.ts";

/** Each side so often, in turns, so that what else the machine does meets both. */
const ROUNDS = 3;
/** Joins of one round, the better one of which counts: the first loads what it needs, on both sides. */
const JOINS = 2;
/** Feast prints its sum to four digits. */
const SUM_TOLERANCE = 1e-4;

type Join = Pick<HistoricalJoin, "seconds" | "rows" | "nulls" | "sum">;

/**
 * Features as they stood for 100,000 entities and moments, 20 columns of 500,000 rows, from Parquet into columns in
 * memory, beside Feast's file store on the same rows.
 * @throws USAGE naming what is missing; INTERNAL where the two do not find the same
 */
export async function benchHistoricalJoin(print: (line: string) => void): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "marquee-join-"));
  let peer: FeastPeer | undefined;
  try {
    peer = await startFeastPeer(print);
    print("writing our dataset …");
    const objectStore = createFileObjectStore(join(folder, "objects"));
    const store = createOfflineStore({ objectStore, cacheFolder: join(folder, "cache") });
    const spillFolder = join(folder, "spill");
    const written = { view: feastView("v100k"), parquet: peer.rows.v100k, spillFolder };
    const hash = await writeFeastDataset(store, written);
    const entities = await readEntities(peer.entities, spillFolder);
    const ours: Join[] = [];
    const peers: Join[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const dataset = await store.open(hash);
      ours.push(await bestJoin(dataset, entities).finally(() => dataset.close()));
      peers.push(best(await peer.historicalJoins()));
      const [own, other] = [ours.at(-1), peers.at(-1)];
      print(`round ${round} of ${ROUNDS}: ours ${own?.seconds.toFixed(3)} s, feast ${other?.seconds.toFixed(3)} s`);
    }
    const { rows, nulls, sum } = equalJoins(ours, peers);
    const [seconds, peerSeconds] = [median(ours), median(peers)];
    return {
      name: "historical-join",
      ...{ ratio: rounded(seconds / peerSeconds), seconds: rounded(seconds), peerSeconds: rounded(peerSeconds) },
      ...{ rows, columns: feastView("v100k").columns.length, nulls, sum: rounded(sum) },
    };
  } finally {
    await peer?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readEntities(parquet: string, spillFolder: string): Promise<EntityRows> {
  const duckdb = await openDuckDb({ spillFolder });
  const ids: number[] = [];
  const asOf: number[] = [];
  const sql = `select id::double, epoch_ms(event_timestamp)::double from ${sqlText(parquet)}`;
  for await (const chunk of streamChunks(duckdb, sql)) {
    ids.push(...wideValues(chunk, 1, 0));
    asOf.push(...wideValues(chunk, 1, 1));
  }
  duckdb.close();
  return { ids: Int32Array.from(ids), asOf: Float64Array.from(asOf) };
}

async function bestJoin(dataset: LocalDataset, entities: EntityRows): Promise<Join> {
  const joins: Join[] = [];
  for (let i = 0; i < JOINS; i++) {
    const start = performance.now();
    const columns = await historicalFeatures(dataset, { entities, features: ["v100k"] });
    const seconds = (performance.now() - start) / 1_000;
    const known = (columns.get("x00") ?? new Float64Array()).filter((value) => !Number.isNaN(value));
    const sum = known.reduce((total, value) => total + value, 0);
    joins.push({ seconds, rows: entities.ids.length, nulls: entities.ids.length - known.length, sum });
  }
  return best(joins);
}

function best<Timed extends Join>(joins: readonly Timed[]): Timed {
  const [first] = joins.toSorted((a, b) => a.seconds - b.seconds);
  if (first === undefined) throw new MarqueeError("INTERNAL", "There is no join to take the time of.");
  return first;
}

/** Both have to find as many rows, with as many unknown values, and the same sum. */
function equalJoins([ours]: readonly Join[], peers: readonly Join[]): Join {
  const equal = (peer: Join) =>
    ours !== undefined &&
    ours.rows === peer.rows &&
    ours.nulls === peer.nulls &&
    Math.abs(ours.sum - peer.sum) < SUM_TOLERANCE;
  if (ours !== undefined && peers.every(equal)) return ours;
  throw new MarqueeError(
    "INTERNAL",
    `The two sides do not find the same: ${JSON.stringify(ours)} and ${JSON.stringify(peers)}.`,
  );
}

function median(joins: readonly Join[]): number {
  const sorted = joins.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
