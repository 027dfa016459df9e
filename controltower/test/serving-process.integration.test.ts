import { predictionEventSchema } from "@marquee/shared/contracts/prediction-event";
import { userEventSchema } from "@marquee/shared/contracts/user-event";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Answer,
  ask,
  createServingOnServers,
  SERVERS_ARE_THERE,
  type ServingOnServers,
  type ServingProcess,
} from "./serving-on-servers.ts";
import { MATRIX } from "./small-catalog.ts";
import { tinyModel } from "./tiny-model.ts";

const FILM = { movie: { tmdbId: MATRIX.tmdbId } };
const RATING = { type: "rating", userId: "u-7f3a", tmdbId: MATRIX.tmdbId, rating: 8.5 };
/** Nothing listens there. */
const NO_KAFKA = { KAFKA_BROKERS: "127.0.0.1:9" };

describe.skipIf(!SERVERS_ARE_THERE)("serving as a process of its own, on real PostgreSQL, Redis, S3 and Kafka", () => {
  let servers: ServingOnServers;

  beforeEach(async () => {
    servers = await createServingOnServers();
  });
  afterEach(() => servers.close());

  const problemsOf = ({ body }: Answer) => body.checks?.filter(({ ok }) => !ok).map(({ name }) => name) ?? [];

  async function ended(serving: ServingProcess): Promise<number | string> {
    serving.signal("SIGTERM");
    return serving.ended();
  }

  test("waits for features and a champion, answers once they are there, and follows the alias", async () => {
    const serving = await servers.start();
    const before = await ask(serving, "/ready");
    expect(before.status).toBe(503);
    expect(problemsOf(before)).toEqual(expect.arrayContaining(["model", "features"]));
    expect((await ask(serving, "/predict", FILM)).body).toMatchObject({ code: "NO_CHAMPION" });

    await servers.materialise();
    await servers.promote(tinyModel());
    await serving.printed(/"version":1,.*"a model took over"/);
    const first = await ask(serving, "/predict", FILM);
    expect(first.body).toMatchObject({ rating: expect.closeTo(7.027, 3), model: { version: 1 } });

    await servers.promote(tinyModel({ shift: 1 }));
    await serving.printed(/"version":2,.*"a model took over"/);
    const second = await ask(serving, "/predict", FILM);
    expect(second.body).toMatchObject({ rating: expect.closeTo(8.027, 3), model: { version: 2 } });
    expect(await ended(serving)).toBe(0);
  });

  test("sends predictions, user events and its log lines to Kafka", async () => {
    await servers.materialise();
    await servers.promote(tinyModel());
    const serving = await servers.start();
    const { traceId, body } = await ask(serving, "/predict", FILM);
    const prediction = await servers.received("predictions", traceId);
    expect(prediction).toMatchObject({ key: "603" });
    expect(predictionEventSchema.parse(JSON.parse(prediction.value))).toMatchObject({
      id: prediction.id,
      tmdbId: 603,
      rating: body.rating,
      actualKnown: true,
    });
    const taken = await ask(serving, "/events", RATING);
    expect(taken.status).toBe(202);
    const event = await servers.received("events.user", taken.body.id ?? "");
    expect(event).toMatchObject({ id: taken.body.id, key: RATING.userId });
    expect(userEventSchema.parse(JSON.parse(event.value))).toMatchObject({ ...RATING, traceId: taken.traceId });
    const line = await servers.received("logs", traceId);
    expect(JSON.parse(line.value)).toMatchObject({ msg: "answered", route: "/predict", status: 200, traceId });
    expect((await ask(serving, "/metrics")).text).toMatch(/marquee_feature_age_seconds\{service="serving"\} \d/);
    expect(await ended(serving)).toBe(0);
  });

  test("without Kafka from the start answers and takes events, which the next process sends", async () => {
    await servers.materialise();
    await servers.promote(tinyModel());
    const alone = await servers.start(NO_KAFKA);
    const { status, traceId } = await ask(alone, "/predict", FILM);
    expect(status).toBe(200);
    const taken = await ask(alone, "/events", RATING);
    expect(taken.status).toBe(202);
    const ready = await ask(alone, "/ready");
    expect([ready.status, ready.body.status, problemsOf(ready)]).toEqual([200, "degraded", ["event bus"]]);
    expect((await ask(alone, "/metrics")).text).toMatch(/marquee_spool_bytes\{service="serving"\} [1-9]/);
    expect(await ended(alone)).toBe(0);

    const next = await servers.start();
    expect(await servers.received("events.user", taken.body.id ?? "")).toMatchObject({ id: taken.body.id });
    expect(await servers.received("predictions", traceId)).toMatchObject({ key: "603" });
    expect(await ended(next)).toBe(0);
  });

  test("goes on when PostgreSQL goes away after the start", async () => {
    await servers.materialise();
    await servers.promote(tinyModel());
    const serving = await servers.start();
    await servers.database.close();
    await servers.admin.execute(`alter database ${servers.databaseName} allow_connections false`);
    await servers.admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
      servers.databaseName,
    ]);
    await serving.printed(/the model registry cannot be asked/);
    expect((await ask(serving, "/predict", FILM)).status).toBe(200);
    expect((await ask(serving, "/events", RATING)).status).toBe(202);
    const ready = await ask(serving, "/ready");
    expect([ready.status, problemsOf(ready)]).toEqual([200, ["model registry", "database"]]);
    expect(await ended(serving)).toBe(0);
  });

  test("told to stop says first that it is draining, and no request fails", async () => {
    await servers.materialise();
    await servers.promote(tinyModel());
    const serving = await servers.start({ DRAIN_SECONDS: "2" });
    const outcomes: unknown[] = [];
    let takenOut = false;
    const callers = Array.from({ length: 6 }, async () => {
      while (!takenOut) outcomes.push(await ask(serving, "/predict", FILM).then(({ status }) => status, String));
    });
    // What spreads requests over several processes does just this.
    async function untilDraining(): Promise<string[]> {
      const ready = await ask(serving, "/ready");
      return ready.status === 503 ? problemsOf(ready) : untilDraining();
    }
    serving.signal("SIGTERM");
    expect(await untilDraining()).toContain("draining");
    const answeredBefore = outcomes.length;
    // It is answered as ever while it drains.
    expect((await ask(serving, "/predict", FILM)).status).toBe(200);
    takenOut = true;
    await Promise.all(callers);
    expect(outcomes.length).toBeGreaterThan(answeredBefore);
    expect(new Set(outcomes)).toEqual(new Set([200]));
    expect(await serving.ended()).toBe(0);
  });

  test("told to stop finishes what it is answering, without any time to drain", async () => {
    await servers.materialise();
    await servers.promote(tinyModel());
    const serving = await servers.start();
    const items = Array.from({ length: 1_000 }, () => ({ ...FILM, explain: true }));
    let answered = 0;
    const batches = Array.from({ length: 4 }, async () => {
      const answer = await ask(serving, "/predict/batch", { items });
      answered++;
      return answer;
    });
    async function untilAllAreBegun(): Promise<void> {
      const { text } = await ask(serving, "/metrics");
      if (!text.includes('marquee_prediction_batch_items_count{service="serving"} 4')) await untilAllAreBegun();
    }
    await untilAllAreBegun();
    serving.signal("SIGTERM");
    expect(answered).toBeLessThan(4);
    for (const { status, body } of await Promise.all(batches)) {
      expect([status, body.results?.length]).toEqual([200, 1_000]);
    }
    expect(await serving.ended()).toBe(0);
  });
});
