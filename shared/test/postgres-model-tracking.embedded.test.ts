import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelTrackingContract } from "../src/backing/tracking/model-tracking.contract.ts";
import { createPostgresModelTracking } from "../src/backing/tracking/postgres-model-tracking.ts";
import { newModelName, trackedRun, trackedVersion } from "../src/backing/tracking/testing/tracked.ts";
import { createRegistry } from "../src/registry/registry.ts";
import { fixedClock } from "../src/service/clock.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

const clock = fixedClock("2026-07-01T13:00:00.000Z");

modelTrackingContract("tracking in PostgreSQL", async () => {
  const database = await createTestDatabase();
  return { tracking: createPostgresModelTracking({ database, clock }), close: () => database.close() };
});

describe("tracking in PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  test("refuses a number that the registry would not give, and registers nothing", async () => {
    const tracking = createPostgresModelTracking({ database, clock });
    const run = trackedRun(newModelName());
    await tracking.recordRun(run);
    await expect(tracking.recordVersion(trackedVersion(run, 5))).rejects.toMatchObject({ code: "TRACKING_REFUSED" });
    expect(await tracking.versions(run.name)).toEqual([]);
  });

  test("moves aliases through the registry, which keeps the move and the previous champion", async () => {
    const tracking = createPostgresModelTracking({ database, clock });
    const name = newModelName();
    for (const version of [1, 2]) {
      const run = trackedRun(name);
      await tracking.recordRun(run);
      await tracking.recordVersion(trackedVersion(run, version));
      await tracking.setAlias(name, "champion", version);
    }
    expect(await tracking.aliases(name)).toEqual({ champion: 2, previous: 1 });
    expect(
      (await createRegistry(database, clock).moves(name)).map(({ alias, to, movedBy }) => [alias, to, movedBy]),
    ).toEqual([
      ["previous", 1, "tracking"],
      ["champion", 2, "tracking"],
      ["champion", 1, "tracking"],
    ]);
  });
});
