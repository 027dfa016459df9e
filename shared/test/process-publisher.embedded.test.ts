import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openPublishing } from "../src/backing/event-bus/open-publishing.ts";
import { logLineSchema } from "../src/contracts/log-line.ts";
import { eventBusSettings } from "../src/service/backing-settings.ts";
import { systemClock } from "../src/service/clock.ts";
import { createLifecycle } from "../src/service/lifecycle.ts";
import { createLogRelay } from "../src/service/log-relay.ts";
import { createLogger } from "../src/service/logger.ts";
import { createMetrics } from "../src/service/metrics.ts";
import { createTestDatabase, type TestDatabase } from "../src/testing/test-database.ts";

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "marquee-spool-"));
});
afterEach(() => rm(folder, { recursive: true }));

function createContext() {
  const logRelay = createLogRelay();
  const log = createLogger("serving", "info", pino.multistream([{ stream: logRelay.stream }]));
  const lifecycle = createLifecycle(log);
  return { service: "serving", clock: systemClock, log, logRelay, lifecycle, metrics: createMetrics("serving") };
}

const settingsOf = (changes: { KAFKA_BROKERS?: string } = {}) => ({
  ...z.object(eventBusSettings).parse({}),
  DATABASE_URL: database.url,
  SPOOL_FOLDER: folder,
  SPOOL_MAX_MEGABYTES: 1,
  ...changes,
});

describe("what a process publishes through", () => {
  it("has every line of the process's log in topic logs, its first and its last ones too", async () => {
    const context = createContext();
    context.log.info("before the bus is open");
    const { publisher, checks } = await openPublishing({ settings: settingsOf(), database, context });
    context.lifecycle.onStop("what is made later", () => context.log.warn({ film: { id: 603 } }, "stopping"));
    await publisher.publish("events.user", { id: "1", key: "user", value: "{}" });
    expect(publisher.problem()).toBeUndefined();
    await expect.poll(() => checks[0]?.problem()).toBeUndefined();
    await context.lifecycle.stop();
    const rows = await database.query<{ message_id: string; key: string; value: string }>(
      "select message_id, key, value from bus_messages where topic = 'logs' order by seq",
    );
    const lines = rows.map(({ value }) => logLineSchema.parse(JSON.parse(value)));
    expect(lines.map(({ msg }) => msg)).toEqual(["before the bus is open", "stopping"]);
    expect(rows.map(({ message_id }) => message_id)).toEqual(lines.map(({ id }) => id));
    expect(rows.map(({ key }) => key)).toEqual(lines.map(({ instance }) => instance));
  });

  it("is there though the bus is not: what is published waits on the disk, and the check says why", async () => {
    const context = createContext();
    const settings = settingsOf({ KAFKA_BROKERS: "127.0.0.1:1" });
    const { publisher, checks } = await openPublishing({ settings, database, context });
    expect(checks).toMatchObject([{ name: "event bus", severity: "degraded" }]);
    await publisher.publish("events.user", { id: "1", key: "user", value: "{}" });
    expect(await checks[0]?.problem()).toMatch(/wait on the disk: .*ECONNREFUSED/);
    await context.lifecycle.stop();
  });

  it.each([
    [{ KAFKA_BROKERS: "kafka" }, "SETTINGS_INVALID"],
    [{ SPOOL_FOLDER: "/dev/null/spool" }, "FOLDER_UNUSABLE"],
  ])("is refused where %j cannot be meant", async (changes, code) => {
    const context = createContext();
    const settings = { ...settingsOf(), ...changes };
    await expect(openPublishing({ settings, database, context })).rejects.toMatchObject({ code });
    await context.lifecycle.stop();
  });
});
