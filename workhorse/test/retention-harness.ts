import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { applyRetention } from "../src/data-rights/apply-retention.ts";
import type { RetentionDays } from "../src/data-rights/retention-settings.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";

export const FOR_EVER: RetentionDays = {
  ...{ userEvents: 0, userRatings: 0, predictions: 0, runs: 0, features: 0, logs: 0, tmdb: 0, imdb: 0 },
};
/** Ten days before it the 20th of February begins. */
export const clock = fixedClock("2026-03-02T12:00:00.000Z");

export interface RetentionHarness {
  database: TestDatabase;
  folder: string;
  objectStore: ObjectStore;
  context: TaskContext;
  /** @returns how much was removed, by what it was; what is not among `days` is kept for ever */
  retain(days: Partial<RetentionDays>, changes?: Partial<TaskContext>): Promise<unknown>;
  close(): Promise<void>;
}

/** A database and an object store of their own, at the clock's moment. */
export async function createRetentionHarness(): Promise<RetentionHarness> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "marquee-retention-"));
  const objectStore = createFileObjectStore(join(folder, "objects"));
  const context: TaskContext = {
    ...{ database, objectStore, clock },
    log: createLogger("test", "silent"),
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  return {
    ...{ database, folder, objectStore, context },
    retain: async (days, changes = {}) =>
      (await applyRetention({ ...context, ...changes }, { ...FOR_EVER, ...days })).detail.removed,
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
