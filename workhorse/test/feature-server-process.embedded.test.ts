import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { recordDataset } from "../src/offline-store/dataset-records.ts";
import { contentOf } from "./offline-store-content.ts";

const TOKEN = "token-of-this-test";
const folder = mkdtempSync(join(tmpdir(), "marquee-feature-process-"));
let database: TestDatabase;
const started: MarqueeProcess[] = [];

function start(changed: Record<string, string> = {}): MarqueeProcess {
  const server = startProcess(["workhorse/src/feature-server/main.ts"], {
    DATABASE_URL: database.url,
    // Nothing listens there.
    REDIS_URL: "redis://127.0.0.1:9",
    OBJECT_STORE_URL: pathToFileURL(join(folder, "objects")).href,
    DATASET_FOLDER: join(folder, "datasets"),
    SPOOL_FOLDER: join(folder, "spool"),
    FEATURE_SERVER_TOKEN: TOKEN,
    MARQUEE_ENV: "production",
    PORT: "0",
    ...changed,
  });
  started.push(server);
  return server;
}

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const server of started) server.signal("SIGKILL"); // of a test that failed
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the feature server as a process of its own", () => {
  it("starts without the online store and says so, joins historical features, and stops clean", async () => {
    const store = createOfflineStore({
      objectStore: createFileObjectStore(join(folder, "objects")),
      cacheFolder: join(folder, "writes"),
    });
    const dataset = await store.write(contentOf());
    await recordDataset(database, dataset);
    const server = start();
    const [, port] = await server.printed(/"port":(\d+),.*"msg":"features are answered"/);
    const ask = (path: string, body?: object, token = TOKEN) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
      });

    expect((await ask("/health")).status).toBe(200);
    const ready = await ask("/ready");
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain("The online store at 127.0.0.1:9 cannot be used now");
    const online = await ask("/get-online-features", { features: ["film_metadata"], entities: { tmdb_id: [603] } });
    expect(online.status).toBe(503);
    expect(await online.json()).toMatchObject({ code: "ONLINE_STORE_UNAVAILABLE" });
    expect((await ask("/feature-services", undefined, "wrong")).status).toBe(401);

    const question = { features: ["plain:height"], entities: { tmdb_id: [1], event_timestamp: ["2020-01-01"] } };
    const historical = await ask("/get-historical-features", question);
    expect(await historical.json()).toMatchObject({ metadata: { dataset: dataset.hash }, columns: { height: [2] } });

    server.signal("SIGTERM");
    expect(await server.ended()).toBe(0);
  });

  it("does not start in production without a token", async () => {
    const server = start({ FEATURE_SERVER_TOKEN: "" });
    expect(await server.ended()).toBe(1);
    expect(server.output).toContain("FEATURE_SERVER_TOKEN: production needs it");
  });
});
