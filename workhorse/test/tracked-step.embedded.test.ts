import { createLogger } from "@marquee/shared/service/logger";
import type { TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TaskContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { type CatalogHarness, openCatalogHarness } from "./catalog-harness.ts";

let harness: CatalogHarness;
let database: TestDatabase;
let context: TaskContext;

beforeEach(async () => {
  harness = await openCatalogHarness();
  ({ database, context } = harness);
});
afterEach(() => harness.close());

describe("a tracked step", () => {
  const result = { rowsIn: 3, rowsOut: 2, detail: { figure: 1 } };

  it("runs once for the same input and again for another", async () => {
    let runs = 0;
    const run = (hash: string) =>
      trackedStep(context, {
        step: "catalog",
        inputHash: hash,
        work: async () => {
          runs += 1;
          return result;
        },
      });
    expect(await run("a")).toEqual({ ...result, unchanged: false });
    expect(await run("a")).toEqual({ ...result, unchanged: true });
    await run("b");
    expect(runs).toBe(2);
  });

  it("asked for twice at once runs once: the second waits, and has nothing left to do", async () => {
    const { promise: begun, resolve: began } = Promise.withResolvers<void>();
    const { promise: end, resolve: finish } = Promise.withResolvers<void>();
    let runs = 0;
    const definition = {
      step: "catalog",
      inputHash: "a",
      work: async () => {
        runs += 1;
        began();
        await end;
        return result;
      },
    } as const;
    const first = trackedStep(context, definition);
    await begun;
    const { promise: waiting, resolve: waits } = Promise.withResolvers<void>();
    const log = createLogger("test", "info", { write: () => waits() });
    const second = trackedStep({ ...context, log }, definition);
    await waiting;
    expect(await database.query("select status from step_runs")).toEqual([{ status: "running" }]);
    finish();
    expect([(await first).unchanged, (await second).unchanged, runs]).toEqual([false, true, 1]);
  });

  it("that waits says so, once however often it looks", async () => {
    const { promise: begun, resolve: began } = Promise.withResolvers<void>();
    const { promise: end, resolve: finish } = Promise.withResolvers<void>();
    const work = async () => {
      began();
      await end;
      return result;
    };
    const first = trackedStep(context, { step: "collect", work });
    await begun;
    let looks = 0;
    const notices: string[] = [];
    const watched: TaskContext = {
      ...context,
      database: {
        ...database,
        transaction: (run) => {
          looks += 1;
          if (looks === 3) finish();
          return database.transaction(run);
        },
      },
      onNotice: (text) => notices.push(text),
    };
    await Promise.all([first, trackedStep(watched, { step: "collect", work })]);
    expect(looks).toBeGreaterThanOrEqual(3);
    expect(notices).toEqual(["Waiting: collect is running already, elsewhere."]);
  });

  it("does not wait for another step, nor longer than it is wanted", async () => {
    const { promise: end, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: began } = Promise.withResolvers<void>();
    const work = async () => {
      began();
      await end;
      return result;
    };
    const catalog = trackedStep(context, { step: "catalog", work });
    await begun;
    expect(await trackedStep(context, { step: "features", work: async () => result })).toMatchObject(result);
    const abort = new AbortController();
    const log = createLogger("test", "info", { write: () => abort.abort() });
    const waiting = trackedStep({ ...context, log, signal: abort.signal }, { step: "catalog", work });
    await expect(waiting).rejects.toThrow(/abort/i);
    finish();
    await catalog;
  });

  it("whose process was killed is marked as failed by the next run, which owns the step", async () => {
    await database.execute(
      "insert into step_runs (run_id, step, status, started_at) values (gen_random_uuid(), 'catalog', 'running', now()), (gen_random_uuid(), 'train', 'running', now())",
    );
    await trackedStep(context, { step: "catalog", work: async () => result });
    expect(await database.query("select step, status from step_runs order by step, status")).toEqual([
      { step: "catalog", status: "failed" },
      { step: "catalog", status: "succeeded" },
      { step: "train", status: "running" },
    ]);
  });

  it("runs again when what it made is gone", async () => {
    const training = { step: "train", inputHash: "a", work: async () => result } as const;
    await trackedStep(context, training);
    expect((await trackedStep(context, { ...training, stillThere: async () => false })).unchanged).toBe(false);
  });

  it("records why it failed, and is run again", async () => {
    await expect(
      trackedStep(context, {
        step: "catalog",
        inputHash: "a",
        work: () => Promise.reject(new RangeError("too far")),
      }),
    ).rejects.toThrow("too far");
    expect(await database.query("select status, detail from step_runs")).toEqual([
      { status: "failed", detail: { error: "too far" } },
    ]);
    const run = await trackedStep(context, { step: "catalog", inputHash: "a", work: async () => result });
    expect(run.unchanged).toBe(false);
  });
});
