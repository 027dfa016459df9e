import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { decodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { systemClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { asAdmin } from "@marquee/shared/testing/redis-process";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import { openDuckDb, sqlText, streamChunks } from "@marquee/workhorse/offline-store/duckdb";
import { entityRows } from "@marquee/workhorse/offline-store/view-rows";
import type { BenchResult } from "./benches.ts";
import { writeFeastDataset } from "./feast-dataset.ts";
import { type FeastPeer, startFeastPeer } from "./feast-peer.ts";
import { feastView } from "./feast-views.ts";
import { type MaterializeOnce, NAMESPACE } from "./materialize-once.ts";

const run = promisify(execFile);

/** Each side so often, in turns, so that what else the machine does meets both. */
const ROUNDS = 3;
/** Every so many of the entities are read back and compared. */
const COMPARE_EVERY = 50;
const VIEW = feastView("v100k");

interface Ours {
  seconds: number;
  memoryMb: number;
}

/**
 * Our materialisation beside Feast's: the newest rows of the same 100,000 entities × 20 columns out of 500,000, from
 * files on this disk into the same Redis server, emptied before each. Each side has a process of its own; Python's
 * clock runs around `materialize`, ours around the same with the opening of dataset and Redis.
 * @throws USAGE naming what is missing; INTERNAL where a value in Redis is not the file's
 */
export async function benchMaterialize(print: (line: string) => void): Promise<BenchResult> {
  const peer = await startFeastPeer(print);
  const folder = await mkdtemp(join(tmpdir(), "marquee-bench-"));
  try {
    print("writing our dataset from Feast's rows …");
    const [objects, cache] = [join(folder, "objects"), join(folder, "cache")];
    const offline = createOfflineStore({ objectStore: createFileObjectStore(objects), cacheFolder: cache });
    const hash = await writeFeastDataset(offline, {
      ...{ view: VIEW, parquet: peer.rows.v100k },
      spillFolder: join(folder, "spill"),
    });
    const ours: Ours[] = [];
    const peers: number[] = [];
    let entities = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      await asAdmin(peer.redis, (redis) => redis.flushall());
      const own = await once({ objects, cache, hash, redisUrl: peer.redis.url });
      entities = await compare(peer);
      await asAdmin(peer.redis, (redis) => redis.flushall());
      const { seconds } = (await peer.materialize()).v100k;
      ours.push(own);
      peers.push(seconds);
      print(`round ${round} of ${ROUNDS}: ours ${own.seconds.toFixed(2)} s, feast ${seconds.toFixed(2)} s`);
    }
    const [seconds, peerSeconds] = [median(ours.map((one) => one.seconds)), median(peers)];
    return {
      name: "materialize",
      ratio: rounded(seconds / peerSeconds),
      seconds: rounded(seconds),
      peerSeconds: rounded(peerSeconds),
      entities,
      memoryMb: Math.ceil(Math.max(...ours.map(({ memoryMb }) => memoryMb))),
    };
  } finally {
    await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function once(words: MaterializeOnce): Promise<Ours> {
  const main = join(import.meta.dirname, "main.ts");
  const { stdout } = await run(process.execPath, [main, "materialize-once", JSON.stringify(words)]);
  const { seconds, memoryMb } = JSON.parse(stdout) as Partial<Ours>;
  if (seconds === undefined || memoryMb === undefined) {
    throw new MarqueeError("INTERNAL", `Our side gave no figures: ${stdout}`);
  }
  return { seconds, memoryMb };
}

/** Reads some values back and compares them with the file, bit for bit. @returns how many values there are */
async function compare({ rows, redis }: FeastPeer): Promise<number> {
  const log = createLogger("bench", "error", process.stderr);
  const online = openOnlineStore({ url: redis.url, clock: systemClock, log, namespace: NAMESPACE });
  const duckdb = await openDuckDb({ spillFolder: "" });
  try {
    const columns = VIEW.columns.map(({ name }) => name).join(", ");
    const newest = `select id::integer, epoch_ms(ts)::double, ${columns} from ${sqlText(rows.v100k)}
      where id % ${COMPARE_EVERY} = 0 qualify row_number() over (partition by id order by ts desc) = 1`;
    for await (const chunk of streamChunks(duckdb, newest)) {
      const expected = entityRows(chunk, VIEW.columns.length);
      const reads = await online.read(expected.map(({ id }) => onlineRowKey(VIEW, id)));
      for (const [i, { id, eventTime, values }] of expected.entries()) {
        const read = reads[i];
        const found = read?.status === "present" ? decodeFeatureRow(VIEW, read.value) : undefined;
        if (found?.eventTime === eventTime && values.every((value, k) => Object.is(value, found.values[k]))) continue;
        throw new MarqueeError("INTERNAL", `The value of entity ${id} in Redis is not that of the file.`);
      }
    }
    // Beside the values there are the view's watermark and the set that names it.
    return (await asAdmin(redis, (admin) => admin.dbsize())) - 2;
  } finally {
    duckdb.close();
    await online.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
