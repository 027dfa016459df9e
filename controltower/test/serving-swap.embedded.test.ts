import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { predictionSchema } from "@marquee/shared/contracts/prediction";
import { listen } from "@marquee/shared/service/http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createServingHarness, type ServingHarness } from "./serving-harness.ts";
import { MATRIX } from "./small-catalog.ts";
import { tinyModel } from "./tiny-model.ts";

/** Callers that ask again as soon as they are answered, each over its own connection. */
const CALLERS = 8;
/** Answers that each caller gets from the last model before it is done. */
const ANSWERS_OF_LAST = 20;

let harness: ServingHarness;

beforeEach(async () => {
  harness = await createServingHarness();
});
afterEach(() => harness.close());

/** A caller of a listening process: every answer so far, and the time of the first of each version. */
interface Load {
  answers: number;
  firstAt: Map<number, number>;
  /** Resolves once a version has answered. @throws where a request failed or an answer is not the version's */
  seen(version: number): Promise<void>;
  /** Resolves once every caller has many answers of the version in a row. */
  settled(version: number): Promise<void>;
}

/** What the tiny models say of the film, by version: one point more from each to the next. */
const RATINGS = new Map([
  [1, 7.03],
  [2, 8.03],
]);

function putUnderLoad(url: string): Load {
  const load: Load = { answers: 0, firstAt: new Map(), seen, settled };
  const streaks = Array.from({ length: CALLERS }, () => ({ version: 0, length: 0 }));
  let last = Number.NaN;
  const waiting = new Map<number, () => void>();

  async function ask(streak: { version: number; length: number }): Promise<void> {
    const response = await fetch(`${url}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ movie: { tmdbId: MATRIX.tmdbId } }),
    });
    expect(response.status).toBe(200);
    const { rating, model } = predictionSchema.parse(await response.json());
    expect(rating).toBeCloseTo(RATINGS.get(model.version) ?? Number.NaN, 2);
    load.answers++;
    streak.length = model.version === streak.version ? streak.length + 1 : 1;
    streak.version = model.version;
    if (!load.firstAt.has(model.version)) load.firstAt.set(model.version, performance.now());
    waiting.get(model.version)?.();
  }
  const callers = Promise.all(
    streaks.map(async (streak) => {
      while (streak.version !== last || streak.length < ANSWERS_OF_LAST) await ask(streak);
    }),
  );

  function seen(version: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(version, resolve);
    return Promise.race([promise, callers.then(() => undefined)]);
  }
  async function settled(version: number): Promise<void> {
    last = version;
    await callers;
  }
  return load;
}

test("the champion moves and moves back under load: no request fails, and the new one answers within two seconds", async () => {
  await harness.promote(tinyModel());
  const { http } = await harness.serve({ modelPollIntervalMs: 100 });
  const load = putUnderLoad(`http://127.0.0.1:${await listen(http, "127.0.0.1", 0)}`);
  await load.seen(1);
  await harness.promote(tinyModel({ shift: 1 }));
  const movedAt = performance.now();
  await load.seen(2);
  expect((load.firstAt.get(2) ?? Number.NaN) - movedAt).toBeLessThan(2_000);
  const back = { name: RATING_MODEL, alias: "champion", to: 1, by: "Ada", reason: "Slow.", metrics: {} } as const;
  await harness.registry.moveAlias(back);
  await load.settled(1);
  expect(load.answers).toBeGreaterThan(CALLERS * ANSWERS_OF_LAST);
});
