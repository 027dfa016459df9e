import { Client } from "@elastic/elasticsearch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createElasticsearchLogStore } from "../src/backing/log-store/elasticsearch-log-store.ts";
import { logStoreContract } from "../src/backing/log-store/log-store.contract.ts";
import type { LogStore } from "../src/backing/log-store/log-store.ts";
import type { LogLine } from "../src/contracts/log-line.ts";
import { systemClock } from "../src/service/clock.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { retry } from "../src/service/retry.ts";
import { ownServer, serverSetting } from "../src/testing/real-servers.ts";

const url = serverSetting("ELASTICSEARCH_URL") ?? "";
const line = (msg: string, changes: object = {}): LogLine => ({
  id: uuidv7(systemClock),
  time: systemClock.now().toISOString() as LogLine["time"],
  level: "info",
  service: "serving",
  instance: "serving-host-1",
  msg,
  ...changes,
});

describe.skipIf(url === "")("in a real Elasticsearch", () => {
  // One stream for every run: the server of the tests cannot delete a stream.
  logStoreContract("the Elasticsearch log store", async () => {
    const store = createElasticsearchLogStore({ url, namespace: "contract" });
    await store.prepare();
    return store;
  });
});

describe.skipIf(url === "")("the Elasticsearch log store", () => {
  const namespace = "rollover";
  const stream = `logs-marquee-${namespace}`;
  let store: LogStore;
  let client: Client;
  beforeAll(async () => {
    client = new Client({ node: url });
    store = createElasticsearchLogStore({ url, namespace, retentionDays: 7 });
    await store.prepare();
  });
  afterAll(async () => {
    await store.close();
    await client.close();
  });

  it("stores a line once, also where it is delivered again after a rollover", async () => {
    const service = uuidv7(systemClock);
    const [before, after] = [line("before", { service }), line("after", { service })];
    await store.store([before]);
    const { old_index: old } = await client.indices.rollover({ alias: stream });
    await store.store([before, after]);
    // Lines of one millisecond have no order.
    expect((await store.find({ service })).map(({ msg }) => msg).toSorted()).toEqual(["after", "before"]);
    await client.indices.delete({ index: old });
  });

  it("lets the server delete lines after the days of retention", async () => {
    const { index_templates: templates } = await client.indices.getIndexTemplate({ name: stream });
    expect(templates[0]?.index_template).toMatchObject({
      data_stream: {},
      template: { lifecycle: { data_retention: "7d" } },
    });
  });

  it("has one mapping for every line, and counts errors by their code", async () => {
    const service = uuidv7(systemClock);
    const failed = (code: string) =>
      line("request failed", { service, level: "error", err: { code, own: { field: 1 } } });
    await store.store([failed("FILM_UNKNOWN"), failed("NOT_READY"), failed("FILM_UNKNOWN")]);
    const { aggregations } = await client.search({
      index: stream,
      size: 0,
      query: { term: { service } },
      aggs: { codes: { terms: { field: "code" } } },
    });
    expect(aggregations).toMatchObject({
      codes: {
        buckets: [
          { key: "FILM_UNKNOWN", doc_count: 2 },
          { key: "NOT_READY", doc_count: 1 },
        ],
      },
    });
    const [mapping] = Object.values(await client.indices.getMapping({ index: stream }));
    expect(Object.keys(mapping?.mappings.properties ?? {}).toSorted()).toEqual(
      [
        "@timestamp",
        "code",
        "detail",
        "id",
        "instance",
        "level",
        "milliseconds",
        "msg",
        "route",
        "service",
        "status",
        "traceId",
      ].toSorted(),
    );
  });
});

const server = ownServer("elasticsearch");

describe.skipIf(server === undefined)("the Elasticsearch log store, on a server of its own", () => {
  let store: LogStore;
  beforeAll(async () => {
    const { ELASTICSEARCH_URL: own = "" } = (await server?.start()) ?? {};
    store = createElasticsearchLogStore({ url: own, namespace: "default" });
  });
  afterAll(async () => {
    await store?.close();
    await server?.wipe();
  });

  it("finds nothing before its first line", async () => {
    expect(await store.find({})).toEqual([]);
    await store.ping();
  });

  it("fails with a retriable error while it is killed amid batches, and keeps each line that it answered, once", async () => {
    const away = { code: "LOG_STORE_UNAVAILABLE", retriable: true };
    await store.prepare();
    const stored: LogLine[] = [];
    const started = Promise.withResolvers<void>();
    const failure = (async () => {
      for (let i = 0; ; i++) {
        const batch = [line(`${i} a`), line(`${i} b`)];
        try {
          await store.store(batch);
        } catch (error) {
          return { error, batch };
        }
        stored.push(...batch);
        started.resolve();
      }
    })();
    await started.promise;
    await server?.kill();
    const { error, batch } = await failure;
    expect(error).toMatchObject(away);
    await expect(store.find({})).rejects.toMatchObject(away);
    await expect(store.ping()).rejects.toMatchObject(away);
    await server?.start();
    // As a consumer does: the batch in doubt, and one that was answered though its commit was lost.
    const again = [...stored.slice(-2), ...batch];
    await retry(() => store.store(again), { attempts: 60, firstDelayMs: 100, maxDelayMs: 500 });
    const found = await store.find({ limit: 1_000 });
    const expected = [...stored, ...batch].slice(-1_000).map(({ id }) => id);
    expect(found.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
  });
});
