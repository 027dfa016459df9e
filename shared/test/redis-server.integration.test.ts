import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OnlineStore } from "../src/backing/online-store/online-store.ts";
import { openOnlineStore } from "../src/backing/online-store/open-online-store.ts";
import { systemClock } from "../src/service/clock.ts";
import { createLogger } from "../src/service/logger.ts";
import { retry } from "../src/service/retry.ts";
import { ownServer } from "../src/testing/real-servers.ts";

const server = ownServer("redis");
const KEY = { view: "v", entity: "person:1" };
const entry = (text: string) => ({ ...KEY, value: Buffer.from(text), materializedAt: new Date(), ttlSeconds: 600 });

describe.skipIf(server === undefined)("the Redis online store, on a Redis of its own", () => {
  let url = "";
  const stores: OnlineStore[] = [];
  const open = (address = url) => {
    const store = openOnlineStore({ url: address, clock: systemClock, log: createLogger("test", "silent") });
    stores.push(store);
    return store;
  };
  const asAdmin = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  beforeAll(async () => {
    url = (await server?.start())?.REDIS_URL ?? "";
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server?.wipe();
  });

  it("fails with a retriable error while Redis is killed amid reads and writes, and goes on once it is back", async () => {
    const store = open();
    await store.write([entry("before")]);
    const errors: unknown[] = [];
    const { promise: failed, resolve: onFailure } = Promise.withResolvers<void>();
    const work = async (call: () => Promise<unknown>) => {
      for (let i = 0; ; i++) {
        try {
          await call();
        } catch (error) {
          errors.push(error);
          onFailure();
          return i;
        }
      }
    };
    const busy = Promise.all([work(() => store.read([KEY])), work(() => store.write([entry("during")]))]);
    await server?.kill();
    await failed;
    await busy;
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE", retriable: true });
    await expect(store.read([KEY])).rejects.toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE" });
    await server?.start();
    await retry(() => store.write([entry("after")]), { attempts: 20, firstDelayMs: 50, maxDelayMs: 500 });
    const [read] = await store.read([KEY]);
    expect(read?.status === "present" && Buffer.from(read.value).toString()).toBe("after");
  });

  it("is asked once however many keys are read", async () => {
    const store = open();
    await store.read([KEY]);
    const calls = async () => Number(/cmdstat_mget:calls=(\d+)/.exec(await asAdmin((redis) => redis.info("all")))?.[1]);
    const before = await calls();
    await store.read(Array.from({ length: 1_000 }, (_, i) => ({ view: "v", entity: `person:${i}` })));
    expect((await calls()) - before).toBe(1);
  });

  it("gives up a server that takes calls and answers none", async () => {
    const store = open();
    await store.read([KEY]);
    await asAdmin(async (redis) => {
      // Held for longer than an answer may take; other connections' commands wait.
      await redis.call("client", "pause", "3000", "all");
    });
    await expect(store.read([KEY])).rejects.toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE" });
    await retry(() => store.read([KEY]), { attempts: 20, firstDelayMs: 50, maxDelayMs: 500 });
  });

  it("says that memory is full, and reads on", async () => {
    const store = open();
    await store.write([entry("before")]);
    await asAdmin((redis) => redis.config("SET", "maxmemory", "1mb"));
    await expect(store.write([entry("more")])).rejects.toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE" });
    expect(await store.read([KEY])).toMatchObject([{ status: "present" }]);
    await asAdmin((redis) => redis.config("SET", "maxmemory", "0"));
    await store.write([entry("after")]);
  });

  it.each([
    ["a wrong password", "marquee:not-the-password@"],
    ["an unknown user", "nobody:not-the-password@"],
  ])("says that the login is refused: %s", async (_what, login) => {
    await asAdmin((redis) => redis.call("acl", "setuser", "marquee", "on", ">secret", "~*", "+@all"));
    const error = await open(url.replace("//", `//${login}`))
      .read([KEY])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "SETTINGS_INVALID", message: expect.stringContaining("refuses the login") });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-the-password/);
  });

  it("logs in with user and password, and needs no more rights than operation gives its user", async () => {
    const rights = ["~marquee:*", "&marquee:*", "+@all", "-@dangerous", "-@admin", "+info"];
    await asAdmin((redis) => redis.call("acl", "setuser", "limited", "on", ">secret", ...rights));
    const store = open(url.replace("//", "//limited:secret@"));
    await store.write([entry("with a password")]);
    expect(await store.read([KEY])).toMatchObject([{ status: "present" }]);
    await store.confirm("v", { at: new Date(), source: "a" });
    expect([...(await store.watermarks()).keys()]).toEqual(["v"]);
    await store.remove([KEY]);
    expect(await store.retire(["v"], new Date())).toBe(0);
    await store.drop("v");
  });

  it("speaks TLS, and refuses a certificate that nobody vouches for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "marquee-tls-"));
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject],
      { stdio: "ignore" },
    );
    const port = Number(new URL(url).port) + 1;
    const tls = ["tls-cert-file", certificate, "tls-key-file", key, "tls-auth-clients", "no", "tls-port", String(port)];
    await asAdmin((redis) => redis.call("config", "set", ...tls));
    await expect(open(`rediss://localhost:${port}`).read([KEY])).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringContaining("offers no encryption that can be trusted"),
    });
    const usual = getCACertificates("default");
    setDefaultCACertificates([...usual, readFileSync(certificate, "utf8")]);
    const store = open(`rediss://localhost:${port}`);
    await store.write([entry("in secret")]);
    expect(await store.read([KEY])).toMatchObject([{ status: "present" }]);
    setDefaultCACertificates(usual);
    await rm(folder, { recursive: true });
  });
});
