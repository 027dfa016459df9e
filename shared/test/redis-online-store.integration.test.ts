import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import { onlineStoreContract } from "../src/backing/online-store/online-store.contract.ts";
import { openOnlineStore } from "../src/backing/online-store/open-online-store.ts";
import { type Clock, fixedClock, systemClock } from "../src/service/clock.ts";
import { createLogger } from "../src/service/logger.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const url = serverSetting("REDIS_URL") ?? "";
const open = (clock: Clock, namespace = `test-${randomBytes(6).toString("hex")}`) =>
  openOnlineStore({ url, clock, namespace, log: createLogger("test", "silent") });

describe.skipIf(url === "")("in a real Redis", () => {
  onlineStoreContract("the Redis online store", async (clock) => open(clock));
});

describe.skipIf(url === "")("the Redis online store", () => {
  const redis = new Redis(url, { lazyConnect: true });
  afterAll(() => redis.quit());
  const entry = (entity: string, materializedAt: Date, ttlSeconds = 60) => ({
    view: "v",
    entity,
    value: Buffer.from("value"),
    materializedAt,
    ttlSeconds,
  });
  const NOW = "2026-03-01T12:00:00Z";

  it("lets Redis forget nothing by itself, however old it is", async () => {
    const namespace = `test-${randomBytes(6).toString("hex")}`;
    const store = open(fixedClock(NOW), namespace);
    await store.write([entry("person:1", new Date(0), 1)]);
    await store.confirm("v", { at: new Date(0), source: "a" });
    expect(await redis.pttl(`${namespace}:online:v:{person:1}`)).toBe(-1);
    expect(await redis.pttl(`${namespace}:online:{all}:watermark:v`)).toBe(-1);
    await store.drop("v");
    expect(await redis.keys(`${namespace}:*`)).toEqual([]);
    await store.close();
  });

  it.each([
    ["too few to be a record", Buffer.from("garbage"), "missing"],
    ["as many as a header without a value's moment", Buffer.alloc(15, 0), "missing"],
    ["with a moment that is no number", Buffer.alloc(400, 0xff), "missing"],
    ["with a moment that cannot be", Buffer.alloc(400, "x"), "present"],
  ])("reads bytes that another has written, %s, and replaces them", async (_what, bytes, status) => {
    const namespace = `test-${randomBytes(6).toString("hex")}`;
    const store = open(fixedClock(NOW), namespace);
    const key = { view: "v", entity: "person:1" };
    await redis.set(`${namespace}:online:v:{person:1}`, bytes);
    expect(await store.read([key])).toMatchObject([{ status }]);
    await store.write([entry("person:1", new Date(NOW))]);
    expect(await store.read([key])).toEqual([{ status: "present", value: Buffer.from("value"), ageSeconds: 0 }]);
    await store.drop("v");
    await store.close();
  });

  it.each([
    ["too few", Buffer.from("short")],
    ["of a moment that cannot be", Buffer.alloc(40, "x")],
    ["of a moment and no words", Buffer.alloc(40, 0)],
  ])("takes a watermark's bytes, %s, for none, and replaces them", async (_what, bytes) => {
    const namespace = `test-${randomBytes(6).toString("hex")}`;
    const store = open(fixedClock(NOW), namespace);
    await store.write([entry("person:1", new Date(NOW))]);
    await store.confirm("v", { at: new Date(NOW), source: "a" });
    await redis.set(`${namespace}:online:{all}:watermark:v`, bytes);
    expect(await store.watermarks()).toEqual(new Map());
    expect(await store.read([{ view: "v", entity: "person:1" }])).toMatchObject([{ status: "present" }]);
    await store.confirm("v", { at: new Date(NOW), source: "b" });
    expect(await store.watermarks()).toEqual(new Map([["v", { at: new Date(NOW), source: "b" }]]));
    await store.drop("v");
    await store.close();
  });

  it("writes values of any size in one call, the last of each entity staying", async () => {
    const store = open(systemClock);
    const now = new Date();
    const sizes = [0, 1, 3_000_000, 700_000, 700_000, ...Array.from({ length: 1_500 }, (_, i) => i % 7)];
    const entries = sizes.map((size, i) => ({
      ...entry(`person:${i % 1_000}`, now),
      value: Buffer.alloc(size, i % 251),
    }));
    await store.write(entries);
    const last = new Map(entries.map(({ entity, value }) => [entity, value]));
    const reads = await store.read([...last.keys()].map((entity) => ({ view: "v", entity })));
    const lost = [...last.values()].filter((value, i) => {
      const read = reads[i];
      return read === undefined || read.status === "missing" || !value.equals(read.value);
    });
    expect(lost).toEqual([]);
    await store.drop("v");
    await store.close();
  });

  it("writes and retires tens of thousands", async () => {
    const store = open(systemClock);
    const now = new Date();
    await store.write(Array.from({ length: 20_000 }, (_, i) => entry(`person:${i}`, now)));
    expect(await store.retire(["v"], new Date(now.getTime() + 1))).toBe(20_000);
    await store.close();
  });

  it("takes a view's name as text when it retires, not as a pattern", async () => {
    const store = open(systemClock);
    const past = new Date(Date.now() - 1_000);
    await store.write([entry("person:1", past), { ...entry("person:1", past), view: "*" }]);
    expect(await store.retire(["*"], new Date())).toBe(1);
    expect(await store.read([{ view: "v", entity: "person:1" }])).toMatchObject([{ status: "present" }]);
    await store.close();
  });

  it("keeps namespaces in one Redis apart", async () => {
    const [one, other] = [open(systemClock), open(systemClock)];
    await one.write([entry("person:1", new Date())]);
    expect(await other.read([{ view: "v", entity: "person:1" }])).toEqual([{ status: "missing" }]);
    expect(await other.retire(["v"], new Date(Date.now() + 60_000))).toBe(0);
    await Promise.all([one.close(), other.close()]);
  });
});
