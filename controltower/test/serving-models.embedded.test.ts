import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { currentModelSchema, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { problemSchema } from "@marquee/shared/contracts/problem";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { createLogger } from "@marquee/shared/service/logger";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { modelHistorySchema } from "../src/serving/model-history.ts";
import { CLOCK } from "./predictor-harness.ts";
import { answerOf, createServingHarness, type ServingHarness } from "./serving-harness.ts";
import { TINY_METRICS, tinyModel } from "./tiny-model.ts";

let harness: ServingHarness;

beforeEach(async () => {
  harness = await createServingHarness();
});
afterEach(() => harness.close());

describe("without a champion", () => {
  test.each([
    ["POST", "/predict"],
    ["GET", "/models/current"],
  ] as const)("%s %s says so and when to come back", async (method, url) => {
    const { http } = await harness.serve();
    const response = await http.inject({ method, url, ...(method === "POST" ? { payload: { movie: {} } } : {}) });
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("5");
    expect(problemSchema.parse(response.json())).toMatchObject({
      code: "NO_CHAMPION",
      detail: "No model is in production yet: none was trained, or none has passed the gate.",
    });
  });

  test("the process is alive and not ready, and ready once there is one", async () => {
    const { http, models } = await harness.serve();
    expect((await http.inject("/health")).statusCode).toBe(200);
    const before = await http.inject("/ready");
    expect(before.statusCode).toBe(503);
    expect(before.json()).toMatchObject({
      status: "not ready",
      checks: expect.arrayContaining([
        {
          name: "model",
          severity: "required",
          ok: false,
          problem: expect.stringContaining("No model is in production"),
        },
      ]),
    });
    await harness.promote(tinyModel());
    await models.refresh();
    expect((await http.inject("/ready")).json()).toMatchObject({ status: "ready" });
  });
});

test("without features the process is not ready, and says so", async () => {
  await harness.promote(tinyModel());
  const { http } = await harness.serve({ onlineStore: createMemoryOnlineStore(CLOCK) });
  const response = await http.inject("/ready");
  expect(response.statusCode).toBe(503);
  expect(response.json().checks).toContainEqual({
    name: "features",
    severity: "required",
    ok: false,
    problem: "No features were materialised to the online store yet.",
  });
});

describe("when the alias moves", () => {
  test("predictions come from the new champion, and from the old one after rolling back", async () => {
    await harness.promote(tinyModel());
    const serving = await harness.serve();
    expect(await answerOf(serving)).toEqual([1, 7.03]);
    await harness.promote(tinyModel({ shift: 1 }));
    await serving.models.refresh();
    expect(await answerOf(serving)).toEqual([2, 8.03]);
    await harness.registry.moveAlias({
      name: RATING_MODEL,
      alias: "champion",
      to: 1,
      by: "Ada",
      reason: "Slow.",
      metrics: {},
    });
    await serving.models.refresh();
    expect(await answerOf(serving)).toEqual([1, 7.03]);
  });

  test("it is noticed without being told", async () => {
    const tookOver = Promise.withResolvers<void>();
    const watching = createLogger("test", "info", {
      write: (line) => {
        if (JSON.parse(line).msg === "a model took over") tookOver.resolve();
      },
    });
    const serving = await harness.serve({ log: watching, modelPollIntervalMs: 5 });
    await harness.promote(tinyModel());
    await tookOver.promise;
    expect(await answerOf(serving)).toEqual([1, 7.03]);
  });

  test("no request fails meanwhile, and each is answered by one model", async () => {
    await harness.promote(tinyModel());
    const serving = await harness.serve();
    await harness.promote(tinyModel({ shift: 1 }));
    const refreshed = serving.models.refresh();
    const answers = await Promise.all(Array.from({ length: 200 }, () => answerOf(serving)));
    await refreshed;
    const kinds = new Set([...answers, await answerOf(serving)].map(String));
    expect([...kinds].filter((kind) => kind !== "1,7.03")).toEqual(["2,8.03"]);
  });
});

describe("a champion that must not answer", () => {
  const spoilt: [string, string, (key: string) => Promise<void>, RatingModel][] = [
    [
      "was trained on other views",
      "trained on feature views",
      async () => {},
      tinyModel({ viewsHash: "0".repeat(64) }),
    ],
    ["predicts otherwise than training did", "golden row", async () => {}, tinyModel({ goldenError: 0.001 })],
    ["has a changed manifest", "registered hash", (key) => flipByte(key, "manifest.json"), tinyModel({ shift: 1 })],
    ["has changed weights", "manifest's hash", (key) => flipByte(key, "weights.bin"), tinyModel({ shift: 1 })],
    [
      "has lost its weights",
      "There is no object",
      (key) => rm(join(harness.folder, key, "weights.bin")),
      tinyModel({ shift: 1 }),
    ],
  ];

  async function flipByte(key: string, file: string): Promise<void> {
    const path = join(harness.folder, key, file);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await writeFile(path, bytes);
  }

  test.each(spoilt)("since it %s is refused, and the one before goes on", async (_sentence, says, spoil, model) => {
    await harness.promote(tinyModel());
    const serving = await harness.serve();
    const { artifactKey } = await harness.promote(model);
    await spoil(artifactKey);
    await serving.models.refresh();
    expect(await answerOf(serving)).toEqual([1, 7.03]);
    const ready = await serving.http.inject("/ready");
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({
      status: "degraded",
      checks: expect.arrayContaining([
        expect.objectContaining({ name: "newest champion", ok: false, problem: expect.stringContaining(says) }),
      ]),
    });
    expect((await serving.http.inject("/metrics")).body).toMatch(
      /marquee_model_refusals_total\{code="\w+",service="test"\} 1/,
    );
  });
});

test("without the database predictions go on, and what needs it says that it is away", async () => {
  await harness.promote(tinyModel());
  const serving = await harness.serve();
  await harness.database.close();
  await serving.models.refresh();
  expect(await answerOf(serving)).toEqual([1, 7.03]);
  expect((await serving.http.inject("/models/current")).statusCode).toBe(200);
  const ready = await serving.http.inject("/ready");
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ status: "degraded" });
});

describe("the model's routes", () => {
  test("tell the champion and how it came to be", async () => {
    await harness.promote(tinyModel(), "The first.");
    const response = await (await harness.serve()).http.inject("/models/current");
    expect(currentModelSchema.parse(response.json())).toMatchObject({
      name: "rating",
      version: 1,
      alias: "champion",
      movedBy: "gate",
      reason: "The first.",
      metrics: TINY_METRICS,
      features: { viewsHash: RATING_VIEWS_HASH, columns: tinyModel().manifest.columns.length },
    });
  });

  test("tell every move, the latest first", async () => {
    await harness.promote(tinyModel());
    await harness.promote(tinyModel({ shift: 1 }));
    const response = await (await harness.serve()).http.inject("/models/history");
    expect(modelHistorySchema.parse(response.json()).moves).toMatchObject([
      { alias: "previous", to: 1 },
      { alias: "champion", from: 1, to: 2 },
      { alias: "champion", to: 1 },
    ]);
  });
});
