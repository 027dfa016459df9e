import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ModelMetrics } from "../src/contracts/model-version.ts";
import type { CalendarDate } from "../src/contracts/time.ts";
import { createRegistry, type Registry } from "../src/registry/registry.ts";
import type { Clock } from "../src/service/clock.ts";
import { uuidv7 } from "../src/service/ids.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const METRICS: ModelMetrics = {
  rmse: 0.8,
  mae: 0.6,
  r2: 0.3,
  spearman: 0.55,
  bias: 0.02,
  coverage: 0.9,
  testedFilms: 900,
  testFrom: "2012-01-01" as CalendarDate,
  baselines: { mean: 1 },
  members: {},
};

let database: TestDatabase;
let registry: Registry;
let now = new Date("2026-07-01T00:00:00.000Z");
const clock: Clock = { now: () => now };
/** Each test has a model of its own: rows of the registry never go away. */
let name: string;

beforeAll(async () => {
  database = await createTestDatabase();
  registry = createRegistry(database, clock);
});
afterAll(() => database.close());
beforeEach(() => {
  name = `model-${uuidv7(clock)}`;
  now = new Date("2026-07-01T00:00:00.000Z");
});

async function trainedRun(): Promise<string> {
  const runId = uuidv7(clock);
  await database.execute(
    `insert into training_runs (run_id, model_name, status, parameters, input_hash, dataset_hash, views_hash, backend, started_at)
     values ($1, $2, 'succeeded', '{}', 'input', 'dataset', 'views', 'wasm', $3)`,
    [runId, name, now],
  );
  return runId;
}

async function register(runId?: string) {
  return registry.registerVersion({
    name,
    runId: runId ?? (await trainedRun()),
    artifactKey: "models/rating/1",
    artifactSha256: "a".repeat(64),
    metrics: METRICS,
  });
}

const move = (alias: "champion" | "challenger" | "previous", to: number, reason = "Better.") =>
  registry.moveAlias({ name, alias, to, by: "gate", reason, metrics: { rmse: 0.8 } });

describe("versions", () => {
  test("are numbered from one and read back as they were written", async () => {
    const first = await register();
    const second = await register();
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second).toEqual({
      name,
      version: 2,
      runId: second.runId,
      artifactKey: "models/rating/1",
      artifactSha256: "a".repeat(64),
      metrics: METRICS,
      registeredAt: "2026-07-01T00:00:00.000Z",
    });
    expect(await registry.getVersion(name, 2)).toEqual(second);
    expect(await registry.listVersions(name)).toEqual([second, first]);
  });

  test("the same run registered again keeps its version", async () => {
    const runId = await trainedRun();
    const first = await register(runId);
    await register();
    expect(await register(runId)).toEqual(first);
  });

  test("eight registered at once have eight numbers without a gap", async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, () => register()));
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("one run registered eight times at once has one number", async () => {
    const runId = await trainedRun();
    const versions = await Promise.all(Array.from({ length: 8 }, () => register(runId)));
    expect(new Set(versions.map(({ version }) => version))).toEqual(new Set([1]));
  });

  test("another model's versions are numbered on their own", async () => {
    await register();
    name = `${name}-b`;
    expect((await register()).version).toBe(1);
  });

  test("one that does not exist is VERSION_UNKNOWN", async () => {
    await expect(registry.getVersion(name, 7)).rejects.toMatchObject({
      code: "VERSION_UNKNOWN",
      message: `The model ${name} has no version 7.`,
    });
  });
});

describe("aliases", () => {
  test("point nowhere at first", async () => {
    await register();
    expect(await registry.aliases(name)).toEqual({});
    expect(await registry.currentOf(name, "champion")).toBeUndefined();
    expect(await registry.moves(name)).toEqual([]);
  });

  test("a move is told with who, when, why and the metrics of that moment", async () => {
    const version = await register();
    expect(await move("champion", 1, "The first.")).toBe(true);
    expect(await registry.currentOf(name, "champion")).toEqual({
      version,
      since: "2026-07-01T00:00:00.000Z",
      movedBy: "gate",
      reason: "The first.",
    });
    expect(await registry.moves(name)).toEqual([
      {
        alias: "champion",
        from: undefined,
        to: 1,
        movedBy: "gate",
        reason: "The first.",
        metrics: { rmse: 0.8 },
        movedAt: "2026-07-01T00:00:00.000Z",
      },
    ]);
  });

  test("a new champion leaves previous on the one before it", async () => {
    await register();
    await register();
    await move("champion", 1);
    now = new Date("2026-07-02T00:00:00.000Z");
    await move("champion", 2);
    expect(await registry.aliases(name)).toEqual({ champion: 2, previous: 1 });
    expect(await registry.currentOf(name, "previous")).toMatchObject({
      version: { version: 1 },
      since: "2026-07-02T00:00:00.000Z",
      movedBy: "gate",
      reason: "Champion until version 2 took its place.",
    });
  });

  test("rolling back is a move like any other", async () => {
    await register();
    await register();
    await move("champion", 1);
    await move("champion", 2);
    await move("champion", 1, "Version 2 is too slow.");
    expect(await registry.aliases(name)).toEqual({ champion: 1, previous: 2 });
    expect((await registry.moves(name)).map(({ alias, from, to }) => [alias, from, to])).toEqual([
      ["previous", 1, 2],
      ["champion", 2, 1],
      ["previous", undefined, 1],
      ["champion", 1, 2],
      ["champion", undefined, 1],
    ]);
  });

  test("moving to where it is already changes nothing", async () => {
    await register();
    await move("champion", 1, "The first.");
    expect(await move("champion", 1, "Once more.")).toBe(false);
    expect(await registry.moves(name)).toHaveLength(1);
  });

  test("a challenger moves no previous", async () => {
    await register();
    await register();
    await move("challenger", 1);
    await move("challenger", 2);
    expect(await registry.aliases(name)).toEqual({ challenger: 2 });
  });

  test("the first move of a version by somebody is told, whatever came after it", async () => {
    await register();
    await register();
    expect(await registry.firstMoveOf(name, 2, "gate")).toBeUndefined();
    await move("challenger", 2, "Refused.");
    await move("champion", 1);
    await move("champion", 2, "By a person's word.");
    await move("champion", 1);
    expect(await registry.firstMoveOf(name, 2, "gate")).toMatchObject({ alias: "challenger", reason: "Refused." });
    expect(await registry.firstMoveOf(name, 2, "somebody")).toBeUndefined();
  });

  test("an artifact that was champion and is not any more is found, with the move that took its place", async () => {
    const other = await trainedRun();
    await register();
    await registry.registerVersion({
      ...{ name, runId: other, artifactKey: "models/rating/2", metrics: METRICS },
      artifactSha256: "b".repeat(64),
    });
    await move("champion", 1);
    await move("champion", 2);
    expect(await registry.formerChampion(name, "b".repeat(64))).toBeUndefined();
    await move("champion", 1, "It rates remakes too high.");
    expect(await registry.formerChampion(name, "b".repeat(64))).toEqual({
      version: 2,
      movedBy: "gate",
      reason: "It rates remakes too high.",
    });
    // It is champion again.
    expect(await registry.formerChampion(name, "a".repeat(64))).toBeUndefined();
  });

  test("one that was decided for another champion changes nothing", async () => {
    for (let i = 0; i < 3; i++) await register();
    const decided = { name, alias: "champion", by: "gate", reason: "Better.", metrics: {} } as const;
    expect(await registry.moveAlias({ ...decided, to: 1, onlyFrom: null })).toBe(true);
    await move("champion", 2, "By a person's word.");
    expect(await registry.moveAlias({ ...decided, to: 3, onlyFrom: 1 })).toBe(false);
    expect(await registry.moveAlias({ ...decided, to: 3, onlyFrom: null })).toBe(false);
    expect(await registry.aliases(name)).toEqual({ champion: 2, previous: 1 });
    expect(await registry.moveAlias({ ...decided, to: 3, onlyFrom: 2 })).toBe(true);
  });

  test("to a version that does not exist changes nothing", async () => {
    await register();
    await expect(move("champion", 2)).rejects.toMatchObject({ code: "VERSION_UNKNOWN" });
    expect(await registry.moves(name)).toEqual([]);
  });

  test("moves at once come one after the other, each seeing the one before", async () => {
    await Promise.all(Array.from({ length: 6 }, () => register()));
    await Promise.all([1, 2, 3, 4, 5, 6].map((version) => move("champion", version)));
    const champions = (await registry.moves(name)).filter(({ alias }) => alias === "champion").reverse();
    expect(champions).toHaveLength(6);
    expect(champions.map(({ from }) => from)).toEqual([undefined, ...champions.slice(0, -1).map(({ to }) => to)]);
    expect(await registry.aliases(name)).toEqual({ champion: champions.at(-1)?.to, previous: champions.at(-2)?.to });
  });
});

describe("what was written", () => {
  test.each(["update model_versions set version = 9", "delete from model_alias_moves"])(
    "%s is refused",
    async (sql) => {
      await register();
      await move("champion", 1);
      await expect(database.execute(sql)).rejects.toThrow(/never change/);
    },
  );
});
