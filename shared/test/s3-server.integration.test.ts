import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ObjectStore } from "../src/backing/object-store/object-store.ts";
import { openObjectStore } from "../src/backing/object-store/open-object-store.ts";
import { createS3ObjectStore } from "../src/backing/object-store/s3-object-store.ts";
import { retry } from "../src/service/retry.ts";
import { ownServer } from "../src/testing/real-servers.ts";

const server = ownServer("s3");
const AWAY = { code: "OBJECT_STORE_UNAVAILABLE", retriable: true };

describe.skipIf(server === undefined)("the S3 object store, on a server of its own", () => {
  let store: ObjectStore;
  beforeAll(async () => {
    const { OBJECT_STORE_URL: url = "", AWS_ENDPOINT_URL_S3: endpoint, ...credentials } = (await server?.start()) ?? {};
    for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
    store = await openObjectStore({ url, endpoint });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.wipe();
  });

  it("fails with a retriable error while S3 is killed amid reads and writes, and goes on once it is back", async () => {
    const whole = (i: number) => `${i} `.repeat(50_000);
    await store.put("one", whole(0));
    let written = 0;
    const untilItFails = async (call: (i: number) => Promise<unknown>) => {
      for (let i = 1; ; i++) {
        try {
          await call(i);
        } catch (error) {
          return error;
        }
      }
    };
    const started = Promise.withResolvers<void>();
    const failures = Promise.all([
      untilItFails(() => store.get("one")),
      untilItFails(async (i) => {
        await store.put("one", whole(i));
        written = i;
        started.resolve();
      }),
    ]);
    await started.promise;
    await server?.kill();
    for (const error of await failures) expect(error).toMatchObject(AWAY);
    await expect(store.exists("one")).rejects.toMatchObject(AWAY);
    await expect(Array.fromAsync(store.list(""))).rejects.toMatchObject(AWAY);
    await server?.start();
    const read = (await retry(() => store.get("one"), { attempts: 20, firstDelayMs: 50, maxDelayMs: 500 })).toString();
    // The last write that was answered, or the one under way: a whole one.
    expect([whole(written), whole(written + 1)]).toContain(read);
  });

  it("breaks off a stream that is being read when S3 is killed, with an error", async () => {
    await store.put("large", Buffer.alloc(64 * 1024 * 1024));
    const stream = await store.getStream("large");
    await server?.kill();
    await expect(Array.fromAsync(stream)).rejects.toMatchObject(AWAY);
    await server?.start();
  });
});

describe("the S3 object store", () => {
  it("gives up a server that takes calls and answers none", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const store = createS3ObjectStore({ bucket: "bucket", prefix: "", endpoint, silenceTimeoutMs: 100 });
    await expect(store.get("one")).rejects.toMatchObject(AWAY);
    await expect(store.put("one", "content")).rejects.toMatchObject(AWAY);
    vi.unstubAllEnvs();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
