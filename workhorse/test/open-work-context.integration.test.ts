import { randomBytes } from "node:crypto";
import { systemClock } from "@marquee/shared/service/clock";
import { loadSettings } from "@marquee/shared/service/env";
import { createLogger } from "@marquee/shared/service/logger";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { describe, expect, it } from "vitest";
import { taskSettings } from "../src/tasks/env.ts";
import { openWorkContext } from "../src/tasks/open-work-context.ts";

const urls = {
  DATABASE_URL: serverSetting("DATABASE_URL") ?? "",
  REDIS_URL: serverSetting("REDIS_URL") ?? "",
  OBJECT_STORE_URL: serverSetting("OBJECT_STORE_URL") ?? "",
  MLFLOW_TRACKING_URI: serverSetting("MLFLOW_TRACKING_URI") ?? "",
};

describe.skipIf(Object.values(urls).includes(""))("what tasks work on", () => {
  it("is opened from the settings, and leaves no connection behind", async () => {
    const profile = `test-${randomBytes(6).toString("hex")}`;
    const settings = loadSettings(taskSettings, {
      overrides: {
        ...urls,
        MARQUEE_PROFILE: profile,
        OBJECT_STORE_URL: `${urls.OBJECT_STORE_URL}/${profile}`,
        TMDB_API_KEY: "key",
        TRAINING_SEED: "7",
      },
    });
    const { context, close } = await openWorkContext({
      settings,
      clock: systemClock,
      log: createLogger("test", "silent"),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const { database, objectStore, onlineStore, tracking, options } = context;
    expect(options).toEqual({
      maturityDays: 0,
      backend: "auto",
      seed: 7,
      testFrom: undefined,
      retention: {
        userEvents: 400,
        userRatings: 0,
        predictions: 400,
        runs: 365,
        features: 30,
        logs: 30,
        tmdb: 0,
        imdb: 0,
      },
    });
    await database.ping();
    await tracking?.ping();
    expect(tracking).toBeDefined();
    expect(await objectStore.exists("models/none")).toBe(false);
    const key = { view: "test", entity: "film:1" };
    await onlineStore.write([{ ...key, value: Buffer.from([1]), materializedAt: systemClock.now(), ttlSeconds: 60 }]);
    expect(await onlineStore.read([key])).toHaveLength(1);
    await onlineStore.retire(["test"], new Date(systemClock.now().getTime() + 60_000));
    await close();
    await expect(database.ping()).rejects.toThrow();
  });
});
