import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ModelTracking } from "./model-tracking.ts";
import { newModelName, trackedRun, trackedVersion } from "./testing/tracked.ts";

export interface TrackingUnderTest {
  tracking: ModelTracking;
  /** Removes whatever can be removed of these models. */
  close(models: readonly string[]): Promise<void>;
}

/** What every tracking promises. Each test has a model of its own. */
export function modelTrackingContract(name: string, create: () => Promise<TrackingUnderTest>): void {
  describe(`${name} keeps tracking's promises`, () => {
    let tested: TrackingUnderTest;
    let tracking: ModelTracking;
    let model: string;
    const models: string[] = [];
    beforeAll(async () => {
      tested = await create();
      tracking = tested.tracking;
    });
    beforeEach(() => {
      model = newModelName();
      models.push(model);
    });
    afterAll(() => tested.close(models));

    async function recordedVersion(version: number) {
      const run = trackedRun(model);
      await tracking.recordRun(run);
      await tracking.recordVersion(trackedVersion(run, version));
      return trackedVersion(run, version);
    }

    it("answers a ping", async () => {
      await tracking.ping();
    });

    it("knows nothing of a model that was never recorded", async () => {
      expect(await tracking.runs(model)).toEqual([]);
      expect(await tracking.versions(model)).toEqual([]);
      expect(await tracking.aliases(model)).toEqual({});
      expect(await tracking.findRun(model, trackedRun(model).runId)).toBeUndefined();
    });

    it("gives a run back as it was recorded, its figures to the last digit", async () => {
      const run = trackedRun(model);
      await tracking.recordRun(run);
      expect(await tracking.findRun(model, run.runId)).toEqual(run);
    });

    it("takes more parameters and metrics than fit into one request", async () => {
      const numbered = <T>(count: number, value: (i: number) => T) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value(i)]));
      const run = trackedRun(model, { parameters: numbered(130, String), metrics: numbered(1_100, (i) => i / 7) });
      await tracking.recordRun(run);
      expect(await tracking.findRun(model, run.runId)).toEqual(run);
    });

    it("lists a model's runs from the earliest", async () => {
      const second = trackedRun(model, { startedAt: trackedRun(model).endedAt! });
      const first = trackedRun(model, { status: "failed", metrics: {} });
      for (const run of [second, first, trackedRun(`${model}-other`)]) await tracking.recordRun(run);
      models.push(`${model}-other`);
      expect(await tracking.runs(model)).toEqual([first, second]);
    });

    it("takes on how a running run has ended", async () => {
      const ended = trackedRun(model);
      const running = trackedRun(model, { runId: ended.runId, status: "running", metrics: {}, endedAt: undefined });
      await tracking.recordRun(running);
      expect(await tracking.findRun(model, ended.runId)).toEqual(running);
      await tracking.recordRun(ended);
      expect(await tracking.runs(model)).toEqual([ended]);
    });

    it("leaves a run alone that has ended", async () => {
      const run = trackedRun(model);
      await tracking.recordRun(run);
      await tracking.recordRun(run);
      await tracking.recordRun({ ...run, status: "failed", metrics: { rmse: 2 } });
      expect(await tracking.runs(model)).toEqual([run]);
    });

    it("lists versions in ascending order, each as it was recorded", async () => {
      const versions = [await recordedVersion(1), await recordedVersion(2), await recordedVersion(3)];
      expect(await tracking.versions(model)).toEqual(versions);
    });

    it("records a version once", async () => {
      const version = await recordedVersion(1);
      await tracking.recordVersion(version);
      expect(await tracking.versions(model)).toEqual([version]);
    });

    it("refuses a version whose run it does not know", async () => {
      const version = trackedVersion(trackedRun(model), 1);
      await expect(tracking.recordVersion(version)).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
      expect(await tracking.versions(model)).toEqual([]);
    });

    it("points an alias to a version, and to another after", async () => {
      await recordedVersion(1);
      await recordedVersion(2);
      await tracking.setAlias(model, "challenger", 1);
      expect(await tracking.aliases(model)).toEqual({ challenger: 1 });
      await tracking.setAlias(model, "challenger", 2);
      await tracking.setAlias(model, "challenger", 2);
      expect(await tracking.aliases(model)).toEqual({ challenger: 2 });
    });

    it("refuses an alias for a version that it does not have", async () => {
      await recordedVersion(1);
      await expect(tracking.setAlias(model, "champion", 7)).rejects.toMatchObject({ code: "VERSION_UNKNOWN" });
      expect(await tracking.aliases(model)).toEqual({});
    });
  });
}
