import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHistoricalFeatures } from "../src/feature-server/historical-features.ts";
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
