import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { Instant } from "@marquee/shared/contracts/time";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import type { AliasedVersion } from "@marquee/shared/registry/registry";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLifecycle, type Lifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics, type Metrics } from "@marquee/shared/service/metrics";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TINY_METRICS, tinyModel } from "../../test/tiny-model.ts";
import { createServingMetrics } from "./metrics.ts";
import { createModelHolder, type ModelHolder } from "./model-holder.ts";

const START_MS = Date.parse("2026-07-01T12:00:00Z");
const REFUSED = new MarqueeError("ARTIFACT_INVALID", "Its golden rows differ.");

let nowMs: number;
/** Where the alias points; an error where the registry is away. */
let champion: AliasedVersion | undefined | Error;
/** What loading a version gives, by number; a model unless said otherwise. */
let artifacts: Map<number, () => Promise<RatingModel>>;
let loads: number[];
let logged: string[];
let metrics: Metrics;
let lifecycle: Lifecycle;
let holder: ModelHolder;

beforeEach(() => {
  nowMs = START_MS;
  champion = undefined;
  artifacts = new Map();
  loads = [];
  logged = [];
  metrics = createMetrics("test");
  const log = createLogger("test", "info", { write: (line) => void logged.push(JSON.parse(line).msg) });
  lifecycle = createLifecycle(log);
  holder = createModelHolder({
    registry: {
      currentOf: async () => {
        if (champion instanceof Error) throw champion;
        return champion;
      },
    },
    load: async ({ version }) => {
      loads.push(version);
      return artifacts.get(version)?.() ?? tinyModel();
    },
    clock: { now: () => new Date(nowMs) },
    log,
    metrics: createServingMetrics(metrics),
    lifecycle,
  });
});
afterEach(() => lifecycle.stop());

function versionOf(version: number, reason = "Better."): AliasedVersion {
  const runId = `00000000-0000-7000-8000-00000000000${version}`;
  return {
    version: { name: RATING_MODEL, version, runId, metrics: TINY_METRICS } as ModelVersion,
    since: "2026-07-01T00:00:00.000Z" as Instant,
    movedBy: "gate",
    reason,
  };
}

async function point(to: number, reason?: string): Promise<number | undefined> {
  champion = versionOf(to, reason);
  await holder.refresh();
  return holder.current()?.version.version;
}

const problems = async () =>
  Promise.all(holder.checks.map(async ({ name, problem }) => [name, await problem()] as const)).then((all) =>
    Object.fromEntries(all.filter(([, problem]) => problem !== undefined)),
  );

describe("without a champion", () => {
  test("there is no model, and asking for one says why and when to come back", async () => {
    await holder.refresh();
    expect(holder.current()).toBeUndefined();
    expect(() => holder.require()).toThrow(
      expect.objectContaining({
        code: "NO_CHAMPION",
        retryAfterSeconds: 5,
        message: "No model is in production yet: none was trained, or none has passed the gate.",
      }),
    );
    expect(await problems()).toEqual({ model: expect.stringContaining("No model is in production yet") });
  });

  test("because the registry is away, that is what is said", async () => {
    champion = new Error("connection refused");
    await holder.refresh();
    expect(() => holder.require()).toThrow("The model registry cannot be reached, so no model was loaded yet.");
  });

  test("because it failed its checks, that is what is said", async () => {
    artifacts.set(1, () => Promise.reject(REFUSED));
    await point(1);
    expect(() => holder.require()).toThrow("Version 1 is to answer, but failed its checks; the log says why.");
  });
});

describe("a champion", () => {
  test("answers with how it came to", async () => {
    expect(await point(1, "The first.")).toBe(1);
    expect(holder.require()).toMatchObject({
      movedBy: "gate",
      reason: "The first.",
      since: "2026-07-01T00:00:00.000Z",
    });
    expect(await problems()).toEqual({});
    expect(await metrics.text()).toContain('marquee_model_version{alias="champion",service="test"} 1');
  });

  test("is loaded once, however often the alias is looked at", async () => {
    await point(1);
    await point(1);
    expect(loads).toEqual([1]);
  });

  test("moved away and back is told with its new reason, and not loaded again", async () => {
    await point(1, "The first.");
    await point(1, "Rolled back.");
    expect(holder.current()?.reason).toBe("Rolled back.");
    expect(loads).toEqual([1]);
  });

  test("gives way to the next in one step", async () => {
    await point(1);
    const loading = Promise.withResolvers<RatingModel>();
    artifacts.set(2, () => loading.promise);
    champion = versionOf(2);
    const refreshed = holder.refresh();
    expect(holder.current()?.version.version).toBe(1);
    loading.resolve(tinyModel({ shift: 1 }));
    await refreshed;
    expect(holder.current()?.version.version).toBe(2);
  });

  test("stays when the registry goes away, which is logged once and when it is back", async () => {
    await point(1);
    champion = new Error("connection refused");
    await holder.refresh();
    await holder.refresh();
    expect(holder.current()?.version.version).toBe(1);
    expect(await problems()).toEqual({ "model registry": "connection refused" });
    await point(1);
    expect(await problems()).toEqual({});
    expect(logged).toEqual([
      "a model took over",
      "the model registry cannot be asked: the model in use goes on answering",
      "the model registry answers again",
    ]);
  });
});

describe("a version that fails its checks", () => {
  beforeEach(async () => {
    await point(1);
    artifacts.set(2, () => Promise.reject(REFUSED));
  });

  test("is refused, logged and counted, and the one before it goes on answering", async () => {
    expect(await point(2)).toBe(1);
    expect(logged).toContain("the champion was refused");
    expect(await metrics.text()).toContain('marquee_model_refusals_total{code="ARTIFACT_INVALID",service="test"} 1');
    expect(await problems()).toEqual({
      "newest champion": "Version 2 was refused (Its golden rows differ.); version 1 goes on answering.",
    });
  });

  test("is tried again after one second, then two, four and so on up to a minute", async () => {
    const tries: number[] = [];
    for (let second = 0; second < 200; second++) {
      nowMs = START_MS + second * 1_000;
      loads = [];
      await point(2);
      if (loads.length > 0) tries.push(second);
    }
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  test("takes over once it passes", async () => {
    await point(2);
    artifacts.delete(2);
    nowMs += 1_000;
    expect(await point(2)).toBe(2);
    expect(await problems()).toEqual({});
  });

  test("does not keep the next version waiting", async () => {
    await point(2);
    expect(await point(3)).toBe(3);
  });

  test("is forgotten when the alias goes back", async () => {
    await point(2);
    expect(await point(1)).toBe(1);
    expect(await problems()).toEqual({});
  });
});
