import { EventEmitter, once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { listen } from "@marquee/shared/service/http";
import { createLogger } from "@marquee/shared/service/logger";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { answerOf, createHistoricalFeatures } from "../src/feature-server/historical-features.ts";
import { PARQUET_TYPE } from "../src/feature-server/historical-route.ts";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { openDuckDb, sqlText } from "../src/offline-store/duckdb.ts";
import { createFeatureServerHarness } from "./feature-server-harness.ts";
import { contentOf, FLEETING, PLAIN } from "./offline-store-content.ts";

const folder = mkdtempSync(join(tmpdir(), "marquee-feature-server-"));
const objects = join(folder, "objects");
const views = [PLAIN, FLEETING];
const services = [{ name: "all", views }];
let newest: string | undefined;

const historicalFeatures = createHistoricalFeatures({
  newestDataset: async () => newest,
  objectStore: { url: pathToFileURL(objects).href },
  cacheFolder: join(folder, "cache"),
  services,
});
const { http } = createFeatureServerHarness({ historicalFeatures, served: { views, services } });
const ask = (payload: object | string, headers: Record<string, string> = {}) =>
  http.inject({
    method: "POST",
    url: "/get-historical-features",
    payload,
    headers: { "content-type": "application/json", ...headers },
  });

beforeAll(async () => {
  const store = createOfflineStore({
    objectStore: createFileObjectStore(objects),
    cacheFolder: join(folder, "writes"),
  });
  newest = (await store.write(contentOf())).hash;
  await http.ready();
});
afterAll(async () => {
  await http.close();
  rmSync(folder, { recursive: true });
});

const entities = {
  tmdb_id: [1, 1, 3, 9],
  event_timestamp: ["1999-05-01", "1980-01-01 00:00:00", "2001-02-03T12:00:00+00:00", "2020-01-01T00:00:00Z"],
  fold: [1, 2, 1, 2],
  note: ["a", null, 'quoted "c"', "d"],
};

describe("POST /get-historical-features", () => {
  it("answers the rows as they were given, with features as they stood, in columns", async () => {
    const answer = await ask({ entities, features: ["plain:height", "plain:tall", "fleeting"] });
    expect(answer.json()).toEqual({
      metadata: { feature_names: ["height", "tall", "mood"], dataset: newest },
      columns: {
        ...entities,
        height: [2, 1, 1e300, null],
        tall: [false, true, true, null],
        mood: [11, null, 30, null],
      },
    });
  });

  it("answers with a Parquet file whoever accepts one: the same values, in the types of their columns", async () => {
    const answer = await ask({ entities, feature_service: "all" }, { accept: PARQUET_TYPE });
    expect(answer.headers["content-type"]).toBe(PARQUET_TYPE);
    const path = join(folder, "answer.parquet");
    writeFileSync(path, answer.rawPayload);
    const duckdb = await openDuckDb({ spillFolder: folder });
    const connection = await duckdb.connect();
    const described = await connection.runAndReadAll(`describe select * from ${sqlText(path)}`);
    expect(described.getRows().map(([name, type]) => `${name} ${type}`)).toEqual([
      "tmdb_id BIGINT",
      "event_timestamp TIMESTAMP WITH TIME ZONE",
      "fold BIGINT",
      "note VARCHAR",
      "height DOUBLE",
      "weight DOUBLE",
      "tall BOOLEAN",
      "mood DOUBLE",
    ]);
    const rows = await connection.runAndReadAll(
      `select tmdb_id::integer, epoch_ms(event_timestamp)::double, note, height, tall, mood from ${sqlText(path)}`,
    );
    expect(rows.getRows()).toEqual([
      [1, Date.parse("1999-05-01"), "a", 2, false, 11],
      [1, Date.parse("1980-01-01"), null, 1, true, null],
      [3, Date.parse("2001-02-03T12:00:00Z"), 'quoted "c"', 1e300, true, 30],
      [9, Date.parse("2020-01-01"), "d", null, null, null],
    ]);
    connection.closeSync();
    duckdb.close();
  });

  it("takes 100,000 rows, and answers online questions meanwhile", async () => {
    const ids = Array.from({ length: 100_000 }, (_, i) => (i % 3) + 1);
    const large = { tmdb_id: ids, event_timestamp: ids.map(() => "2020-01-01T00:00:00Z") };
    let done = false;
    const answer = ask({ entities: large, features: ["plain"] }).then((found) => {
      done = true;
      return found;
    });
    const online = { features: ["plain:height"], entities: { tmdb_id: [1] } };
    const meanwhile = await http.inject({ method: "POST", url: "/get-online-features", payload: online });
    expect([meanwhile.statusCode, done]).toEqual([200, false]);
    const { columns } = (await answer).json();
    expect(columns.height).toHaveLength(100_000);
    expect(columns.height.slice(0, 3)).toEqual([2, null, 1e300]);
  });

  it.each<[string, object | string, number, string]>([
    ["what is no JSON", "{", 400, "not valid JSON"],
    ["an unknown column", { entities, features: ["plain:age"] }, 404, "It has: height, weight, tall."],
    ["an unknown view", { entities, features: ["nothing"] }, 404, "Views: plain@1, fleeting@1."],
    [
      "a wrong moment",
      { entities: { ...entities, event_timestamp: [1, 2, 3, 4] }, features: ["plain"] },
      400,
      "given: 1",
    ],
  ])("refuses %s in words", async (_sentence, body, status, detail) => {
    const answer = await ask(body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().detail).toContain(detail);
  });

  it.each(["application/json", PARQUET_TYPE])("refuses a column that is a feature as well, for %s", async (accept) => {
    const answer = await ask({ entities: { ...entities, Height: [1, 2, 3, 4] }, features: ["plain"] }, { accept });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().detail).toContain("entities.Height is wrong: it is asked for as a feature, too");
  });

  it("leaves nothing but the dataset's files in its folder", async () => {
    await ask({ entities, features: ["plain"] });
    await ask({ entities, features: ["plain"] }, { accept: PARQUET_TYPE });
    expect(readdirSync(join(folder, "cache")).filter((name) => !name.endsWith(".parquet"))).toEqual([]);
  });

  it("lets a join come to its end that somebody has hung up on: ending it would end the process", async () => {
    const ids = Array.from({ length: 20_000 }, () => 1);
    const large = { tmdb_id: ids, event_timestamp: ids.map(() => "2020-01-01") };
    const caller = new AbortController();
    const body = JSON.stringify({ entities: large, features: ["plain"] });
    const answer = historicalFeatures(body, "parquet", caller.signal);
    await vi.waitFor(() => expect(readdirSync(join(folder, "cache")).join()).toContain("marquee-history-"));
    caller.abort();
    expect((await answer).length).toBeGreaterThan(0);
    await expect(historicalFeatures(body, "parquet", caller.signal)).rejects.toThrow("aborted");
  });

  it("says that it is too much where a thread's memory does not suffice", async () => {
    // Nothing is made to run out here: that may end the whole process.
    const thread = new EventEmitter();
    const answer = answerOf(thread);
    thread.emit("error", Object.assign(new Error("Worker terminated"), { code: "ERR_WORKER_OUT_OF_MEMORY" }));
    await expect(answer).rejects.toMatchObject({
      ...{ code: "REQUEST_INVALID", message: expect.stringContaining("ask for fewer rows or columns") },
    });
  });

  it("has one question answered and two wait; others are to come again, and their bodies are not read", async () => {
    const waiting: { resolve(answer: Uint8Array<ArrayBuffer>): void; reject(error: Error): void }[] = [];
    const busy = createFeatureServerHarness({
      historicalFeatures: () => new Promise((resolve, reject) => void waiting.push({ resolve, reject })),
    });
    const headers = { "content-type": "application/json" };
    const question = { method: "POST", url: "/get-historical-features", payload: "{}", headers } as const;
    const answers = Array.from({ length: 3 }, () => busy.http.inject(question).then((answer) => answer));
    await vi.waitFor(() => expect(waiting).toHaveLength(3));
    const refused = await busy.http.inject({ ...question, payload: "x".repeat(17 * 1024 * 1024) });
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "10"]);
    expect(refused.json().detail).toContain("3 questions for historical features are before this one");
    waiting[0]?.resolve(new Uint8Array(1));
    waiting[1]?.reject(new Error("broken"));
    waiting[2]?.resolve(new Uint8Array(1));
    expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([200, 500, 200]);
    // Those that never became a question leave their places, too.
    for (let i = 0; i < 4; i++) {
      const tooLong = await busy.http.inject({ ...question, payload: "x".repeat(17 * 1024 * 1024) });
      expect(tooLong.statusCode).toBe(413);
    }
    const again = busy.http.inject(question).then((answer) => answer);
    await vi.waitFor(() => expect(waiting).toHaveLength(4));
    waiting[3]?.resolve(new Uint8Array(1));
    expect((await again).statusCode).toBe(200);
    await busy.http.close();
  });

  it("tells who waits that the caller has hung up, and calls that no error", async () => {
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const lines: string[] = [];
    const log = createLogger("test", "info", { write: (line) => void lines.push(line) });
    const slow = createFeatureServerHarness({
      log,
      historicalFeatures: (_body, _format, signal) => {
        asked.resolve();
        return once(signal, "abort").then(() => {
          ended.resolve();
          throw signal.reason;
        });
      },
    });
    const port = await listen(slow.http, "127.0.0.1", 0);
    const caller = new AbortController();
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    const answer = fetch(`http://127.0.0.1:${port}/get-historical-features`, { ...init, signal: caller.signal });
    await asked.promise;
    caller.abort();
    await expect(answer).rejects.toThrow("aborted");
    await ended.promise;
    await slow.http.close();
    expect(lines.filter((line) => line.includes("request failed"))).toEqual([]);
  });

  it("says that there is no dataset yet, and when to come again", async () => {
    const before = createFeatureServerHarness({
      historicalFeatures: createHistoricalFeatures({
        newestDataset: async () => undefined,
        objectStore: { url: pathToFileURL(objects).href },
        cacheFolder: undefined,
        services,
      }),
    });
    const answer = await before.http.inject({
      method: "POST",
      url: "/get-historical-features",
      payload: { entities, features: ["plain"] },
    });
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "60"]);
    expect(answer.json().detail).toContain("There is no feature dataset yet");
  });
});
