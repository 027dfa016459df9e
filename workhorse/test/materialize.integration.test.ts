import { randomBytes } from "node:crypto";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineKey, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { FILM } from "@marquee/shared/features/entities";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { retry } from "@marquee/shared/service/retry";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { type RedisClusterProcess, startRedisCluster } from "@marquee/shared/testing/redis-cluster-process";
import { asAdmin, createRedisProcess, hasRedisServer, type RedisProcess } from "@marquee/shared/testing/redis-process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { materializeContract } from "../src/feature-store/materialize.contract.ts";
import { materialize } from "../src/feature-store/materialize.ts";
import { memoryDataset, memoryDatasets } from "../src/feature-store/testing/memory-dataset.ts";
import type { OfflineDataset } from "../src/offline-store/offline-store.ts";

const log = createLogger("test", "silent");
const clock = fixedClock("2026-03-10T00:00:00Z");
const url = serverSetting("REDIS_URL") ?? "";
const namespace = () => `test-${randomBytes(6).toString("hex")}`;

describe.skipIf(url === "")("with a real Redis", () => {
  materializeContract("Redis", async (at) => openOnlineStore({ url, clock: at, log, namespace: namespace() }));
});

const withRedisServer = hasRedisServer();

describe.skipIf(!withRedisServer)("with a real Redis Cluster", () => {
  let cluster: RedisClusterProcess;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.wipe());
  materializeContract("Redis Cluster", async (at) =>
    openOnlineStore({ url: cluster.url, clock: at, log, namespace: namespace() }),
  );
});

const FILMS = 6_000;
const VIEW: ViewSchema = {
  ...{ name: "film_metadata", version: 2, entity: FILM, ttlSeconds: 26 * 3600 },
  columns: [{ name: "runtime", type: "float64", default: Number.NaN }],
};
const KEYS: OnlineKey[] = [
  ...Array.from({ length: FILMS }, (_, id) => onlineRowKey(VIEW, id)),
  ...Array.from({ length: FILMS }, (_, id) => ({ view: "film_card@2", entity: `film:${id}` })),
];
const day = (number: number) => new Date(Date.UTC(2026, 2, number));

/** Every third film differs from build to build, and every seventh is in every second build alone. */
function build(number: number): OfflineDataset {
  const ids = Array.from({ length: FILMS }, (_, id) => id).filter((id) => id % 7 !== number % 2);
  const runtimeOf = (id: number) => (id % 3 === 0 ? number * FILMS + id : id);
  return memoryDataset([VIEW], {
    hash: `build ${number}`,
    rows: { [viewKey(VIEW)]: ids.map((id) => ({ id, eventTime: 0, values: Float64Array.of(runtimeOf(id)) })) },
    entries: ids.map((id) => ({
      view: "film_card@2",
      entity: `film:${id}`,
      value: Buffer.from(`card ${runtimeOf(id)}`),
    })),
  });
}
const BUILDS = [build(0), build(1), build(2)] as const;

describe.skipIf(!withRedisServer)("a Redis that is killed amid a materialisation", () => {
  let redis: RedisProcess;
  let online: OnlineStore;

  beforeEach(async () => {
    redis = await createRedisProcess();
    await redis.start();
    online = openOnlineStore({ url: redis.url, clock, log });
  });
  afterEach(async () => {
    await online.close();
    await redis.wipe();
  });

  const run = (number: 0 | 1 | 2, store = online) =>
    materialize(
      { clock, log, signal: new AbortController().signal, onProgress: () => undefined },
      {
        online: store,
        offline: memoryDatasets(BUILDS),
        dataset: BUILDS[number],
        at: day(number + 1),
        entriesPerWrite: 3,
        views: [VIEW],
      },
    );
  /** What happens after so many writes of a run. */
  const during = (events: Readonly<Record<number, () => Promise<unknown>>>): OnlineStore => {
    let writes = 0;
    return {
      ...online,
      write: async (entries) => {
        await online.write(entries);
        await events[++writes]?.();
      },
    };
  };
  const kill = () => redis.kill();
  const restart = async () => {
    await redis.kill();
    await redis.start();
  };
  const save = () => asAdmin(redis, (admin) => admin.save());
  const valuesOf = async (store: OnlineStore) =>
    (await store.read(KEYS)).map((read) =>
      read.status === "missing" ? "missing" : `${read.status} ${Buffer.from(read.value).toString("hex")}`,
    );
  /** Equal to a store that nothing ever happened to, with no key besides. */
  const expectWhole = async (number: 0 | 1 | 2) => {
    const undisturbed = createMemoryOnlineStore(clock);
    await run(number, undisturbed);
    const expected = await valuesOf(undisturbed);
    expect(await valuesOf(online)).toEqual(expected);
    expect(await online.watermarks()).toEqual(await undisturbed.watermarks());
    const values = expected.filter((value) => value !== "missing").length;
    // Two watermarks, and the set of their views.
    expect(await asAdmin(redis, (admin) => admin.dbsize())).toBe(values + 3);
  };
  const away = expect.objectContaining({ code: "ONLINE_STORE_UNAVAILABLE", retriable: true });

  const startAgain = async () => {
    await redis.start();
    await retry(() => online.watermarks(), { attempts: 20, firstDelayMs: 50, maxDelayMs: 500 });
  };

  it.each([1, 500, 1_200])("comes back empty and is filled again (killed after %d writes)", async (writes) => {
    await run(0);
    await expect(run(1, during({ [writes]: kill }))).rejects.toEqual(away);
    await startAgain();
    expect(await online.watermarks()).toEqual(new Map());
    await run(1);
    await expectWhole(1);
  });

  it.each<[string, 1 | 2]>([
    ["the same build makes it whole", 1],
    ["the next build makes it whole", 2],
  ])("comes back with a snapshot from amid the run, and %s", async (_what, next) => {
    await run(0);
    await expect(run(1, during({ 400: save, 1200: kill }))).rejects.toEqual(away);
    await startAgain();
    expect((await online.watermarks()).get(viewKey(VIEW))).toEqual({
      ...{ at: day(1), source: "build 0" },
      underway: ["build 1"],
    });
    await run(next);
    await expectWhole(next);
  });

  it.each<[string, Record<number, () => Promise<unknown>>]>([
    ["empty", { 600: () => restart() }],
    ["with a snapshot from amid the run", { 400: () => save(), 600: () => restart() }],
  ])("is not taken for whole where it was back, %s, before the next write", async (_how, events) => {
    await run(0);
    await expect(run(1, during(events))).rejects.toEqual(away);
    await run(1);
    await expectWhole(1);
  });

  it("comes back with a snapshot from before the last two runs, and what they wrote is written again", async () => {
    await run(0);
    await save();
    await run(1);
    await expect(run(2, during({ 900: kill }))).rejects.toEqual(away);
    await startAgain();
    expect((await online.watermarks()).get(viewKey(VIEW))).toEqual({ at: day(1), source: "build 0" });
    const { detail } = await run(2);
    expect(detail.views).toMatchObject({ "film_metadata@2": { mode: "changes" } });
    await expectWhole(2);
  });
});
