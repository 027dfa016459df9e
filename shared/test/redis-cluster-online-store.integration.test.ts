import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onlineStoreContract } from "../src/backing/online-store/online-store.contract.ts";
import type { OnlineStore } from "../src/backing/online-store/online-store.ts";
import { openOnlineStore } from "../src/backing/online-store/open-online-store.ts";
import { type Clock, systemClock } from "../src/service/clock.ts";
import { createLogger } from "../src/service/logger.ts";
import { retry } from "../src/service/retry.ts";
import { type RedisClusterProcess, startRedisCluster } from "../src/testing/redis-cluster-process.ts";
import { asAdmin, hasRedisServer } from "../src/testing/redis-process.ts";

const VIEW = "film_metadata@2";

describe.skipIf(!hasRedisServer())("in a real Redis Cluster", () => {
  let cluster: RedisClusterProcess;
  const stores: OnlineStore[] = [];
  const open = (
    clock: Clock = systemClock,
    namespace = `test-${randomBytes(6).toString("hex")}`,
    url = cluster.url,
  ) => {
    const store = openOnlineStore({ url, clock, namespace, log: createLogger("test", "silent") });
    stores.push(store);
    return store;
  };
  const entries = (count: number, text: string, at = new Date()) =>
    Array.from({ length: count }, (_, i) => ({
      view: VIEW,
      entity: `film:${i}`,
      value: Buffer.from(`${text} ${i}`),
      materializedAt: at,
      ttlSeconds: 600,
    }));
  const keysOf = (count: number) => Array.from({ length: count }, (_, i) => ({ view: VIEW, entity: `film:${i}` }));
  const texts = async (store: OnlineStore, count: number) =>
    (await store.read(keysOf(count))).map((read) =>
      read.status === "missing" ? "missing" : Buffer.from(read.value).toString(),
    );
  const calls = async (command: string) => {
    const counts = await Promise.all(
      cluster.nodes.map((node) =>
        asAdmin(node, async (redis) => {
          const info = await redis.info("commandstats");
          return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
        }),
      ),
    );
    return counts;
  };

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await cluster?.wipe();
  });

  onlineStoreContract("the Redis Cluster online store", async (clock) => open(clock));

  it("spreads entities over all nodes, and asks each for its own values and one watermark of each view", async () => {
    const store = open();
    await store.write(entries(3_000, "value"));
    await store.confirm(VIEW, { at: new Date(), source: "a" });
    const before = await calls("get");
    expect((await store.read(keysOf(3_000))).filter(({ status }) => status !== "present")).toEqual([]);
    const asked = (await calls("get")).map((count, i) => count - (before[i] ?? 0));
    expect(asked.reduce((sum, count) => sum + count)).toBe(3_000 + cluster.nodes.length);
    for (const count of asked) expect(count).toBeGreaterThan(800);
  });

  it("retires and drops on every node", async () => {
    const store = open();
    const now = Date.now();
    await store.write(entries(3_000, "old", new Date(now - 10)));
    await store.write(entries(1_000, "new", new Date(now)));
    expect(await store.retire([VIEW], new Date(now))).toBe(2_000);
    await store.confirm(VIEW, { at: new Date(now), source: "a" });
    await store.drop(VIEW);
    expect(new Set(await texts(store, 3_000))).toEqual(new Set(["missing"]));
    expect(await store.watermarks()).toEqual(new Map());
  });

  it("has no watermark once a node has lost its data", async () => {
    const store = open();
    await store.confirm(VIEW, { at: new Date(), source: "a" });
    expect([...(await store.watermarks()).keys()]).toEqual([VIEW]);
    const [node] = cluster.nodes;
    if (node) await asAdmin(node, (redis) => redis.flushall());
    expect(await store.watermarks()).toEqual(new Map());
  });

  it("follows a slot to its new node, amid reads and writes, and loses nothing", async () => {
    const store = open();
    const count = 400;
    await store.write(entries(count, "before"));
    await store.confirm(VIEW, { at: new Date(), source: "a" });
    let moved = false;
    const reading = (async () => {
      for (let round = 0; !moved || round < 5; round++) {
        const seen = await texts(store, count);
        if (seen.includes("missing")) return seen.indexOf("missing");
        await store.write(entries(count, `round ${round}`));
      }
      return undefined;
    })();
    await moveSlots(cluster, 0, 1, 200);
    moved = true;
    expect(await reading).toBeUndefined();
    expect((await store.watermarks()).get(VIEW)?.source).toBe("a");
  });

  it("fails with a retriable error while a node is away, and goes on once it is back", async () => {
    const store = open();
    await store.write(entries(100, "before"));
    const node = cluster.nodes[2];
    await node?.kill();
    await expect(store.read(keysOf(100))).rejects.toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE", retriable: true });
    await expect(store.write(entries(100, "during"))).rejects.toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE" });
    await node?.start();
    await cluster.formed();
    await retry(() => store.write(entries(100, "after", new Date(Date.now() + 1))), {
      attempts: 20,
      firstDelayMs: 50,
      maxDelayMs: 500,
    });
    expect(await texts(store, 100)).toEqual(keysOf(100).map((_, i) => `after ${i}`));
  });

  it("finds the cluster by any node that answers, and says where it looked when none does", async () => {
    const [first] = cluster.nodes;
    const url = `redis+cluster://127.0.0.1:1,127.0.0.1:${first?.port}`;
    await open(systemClock, "found", url).write(entries(10, "found"));
    await expect(open(systemClock, "lost", "redis+cluster://127.0.0.1:1").read(keysOf(1))).rejects.toMatchObject({
      code: "ONLINE_STORE_UNAVAILABLE",
      message: expect.stringContaining("127.0.0.1:1 cannot be used now"),
    });
  });

  it("logs in on every node, with the rights that operation gives its user, and says that a wrong password is refused", async () => {
    const rights = ["~marquee:*", "&marquee:*", "+@all", "-@dangerous", "-@admin", "+info"];
    for (const node of cluster.nodes) {
      await asAdmin(node, (redis) => redis.call("acl", "setuser", "marquee", "on", ">p@ss,word", ...rights));
    }
    const as = (password: string) => cluster.url.replace("//", `//marquee:${encodeURIComponent(password)}@`);
    const store = open(systemClock, "marquee:login", as("p@ss,word"));
    await store.write(entries(100, "with a password", new Date(0)));
    await store.confirm(VIEW, { at: new Date(0), source: "a" });
    expect([...(await store.watermarks()).keys()]).toEqual([VIEW]);
    await store.remove(keysOf(10));
    expect(await store.retire([VIEW], new Date())).toBe(90);
    await store.drop(VIEW);
    await expect(open(systemClock, "marquee:login", as("another")).read(keysOf(1))).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringContaining("refuses the login"),
    });
  });
});

/** Gives the first slots of one node to another, as `redis-cli --cluster reshard` does. */
async function moveSlots({ nodes }: RedisClusterProcess, from: number, to: number, count: number): Promise<void> {
  const [source, target] = [nodes[from], nodes[to]];
  if (!source || !target) return;
  const idOf = (node: typeof source) => asAdmin(node, async (redis) => String(await redis.cluster("MYID")));
  const [sourceId, targetId] = [await idOf(source), await idOf(target)];
  await asAdmin(source, (leaving) =>
    asAdmin(target, async (arriving) => {
      for (let slot = 0; slot < count; slot++) {
        await arriving.call("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
        await leaving.call("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
        const keys = (await leaving.call("CLUSTER", "GETKEYSINSLOT", slot, 1_000)) as string[];
        if (keys.length > 0) {
          await leaving.call("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "REPLACE", "KEYS", ...keys);
        }
        await arriving.call("CLUSTER", "SETSLOT", slot, "NODE", targetId);
        await leaving.call("CLUSTER", "SETSLOT", slot, "NODE", targetId);
      }
    }),
  );
}
