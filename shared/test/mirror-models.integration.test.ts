import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectDatabase, type Database } from "../src/backing/postgres/database.ts";
import { migrate } from "../src/backing/postgres/migrate.ts";
import { mirrorModels } from "../src/backing/tracking/mirror-models.ts";
import { createMlflowModelTracking } from "../src/backing/tracking/mlflow-model-tracking.ts";
import type { ModelTracking } from "../src/backing/tracking/model-tracking.ts";
import { createPostgresModelTracking } from "../src/backing/tracking/postgres-model-tracking.ts";
import { forgetModels } from "../src/backing/tracking/testing/mlflow-cleanup.ts";
import { newModelName, trackedRun, trackedVersion } from "../src/backing/tracking/testing/tracked.ts";
import { fixedClock } from "../src/service/clock.ts";
import { createLogger } from "../src/service/logger.ts";
import { withDatabase } from "../src/testing/embedded-setup.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const log = createLogger("test", "silent");
const clock = fixedClock("2026-07-01T13:00:00.000Z");
const databaseUrl = serverSetting("DATABASE_URL") ?? "";
const mlflowUrl = serverSetting("MLFLOW_TRACKING_URI") ?? "";
const NOTHING = { runs: 0, versions: 0, aliases: 0 };

describe.skipIf(databaseUrl === "" || mlflowUrl === "")("models mirrored to MLflow", () => {
  const databaseName = `test_${randomBytes(6).toString("hex")}`;
  const name = newModelName();
  let admin: Database;
  let database: Database;
  let truth: ModelTracking;
  let mlflow: ModelTracking;
  beforeAll(async () => {
    admin = connectDatabase({ url: databaseUrl, log, maxConnections: 1 });
    await admin.execute(`create database ${databaseName}`);
    // Two connections: many mirrors at once must not need more than one each.
    database = connectDatabase({ url: withDatabase(databaseUrl, databaseName), log, maxConnections: 2 });
    await migrate(database, log);
    truth = createPostgresModelTracking({ database, clock });
  });
  beforeEach(() => {
    mlflow = createMlflowModelTracking({ url: mlflowUrl });
  });
  afterAll(async () => {
    await database.close();
    await admin.execute(`drop database ${databaseName} with (force)`);
    await admin.close();
    await forgetModels(mlflowUrl, [name]);
  });
  const mirror = (tracking = mlflow) => mirrorModels({ database, clock, tracking, log });

  async function train(version: number): Promise<void> {
    const run = trackedRun(name);
    await truth.recordRun(run);
    await truth.recordVersion(trackedVersion(run, version));
    await truth.setAlias(name, "champion", version);
  }
  async function expectEqual(): Promise<void> {
    const succeeded = (await truth.runs(name)).filter(({ status }) => status === "succeeded");
    expect(await mlflow.runs(name)).toEqual(succeeded);
    expect(await mlflow.versions(name)).toEqual(await truth.versions(name));
    expect(await mlflow.aliases(name)).toEqual(await truth.aliases(name));
  }

  it("are brought whole, by one of many mirrors at once", async () => {
    await truth.recordRun(trackedRun(name, { status: "failed", metrics: {} }));
    await train(1);
    await train(2);
    const mirrored = await Promise.all(Array.from({ length: 4 }, () => mirror()));
    expect(mirrored.filter(({ runs }) => runs > 0)).toEqual([{ runs: 2, versions: 2, aliases: 2 }]);
    await expectEqual();
  });

  it("are not touched by a second mirror", async () => {
    expect(await mirror()).toEqual(NOTHING);
  });

  it("follow an alias that moves, forwards and back", async () => {
    await train(3);
    expect(await mirror()).toEqual({ runs: 1, versions: 1, aliases: 2 });
    await expectEqual();
    await truth.setAlias(name, "champion", 2);
    expect(await mirror()).toMatchObject({ runs: 0, versions: 0 });
    expect(await mlflow.aliases(name)).toMatchObject({ champion: 2, previous: 3 });
  });

  it("are put right where an alias was moved in MLflow", async () => {
    await mlflow.setAlias(name, "champion", 1);
    expect(await mirror()).toEqual({ ...NOTHING, aliases: 1 });
    await expectEqual();
  });

  it("are finished where a mirror was interrupted in the middle of a run", async () => {
    const run = trackedRun(name);
    await truth.recordRun(run);
    await mlflow.recordRun({ ...run, status: "running", metrics: {}, endedAt: undefined });
    expect(await mirror()).toEqual({ ...NOTHING, runs: 1 });
    await expectEqual();
  });

  it("wait for a server that is away, with TRACKING_UNAVAILABLE, and change nothing here", async () => {
    const away = createMlflowModelTracking({ url: "http://127.0.0.1:9" });
    await expect(mirror(away)).rejects.toMatchObject({ code: "TRACKING_UNAVAILABLE" });
    expect(await mirror()).toEqual(NOTHING);
  });
});
