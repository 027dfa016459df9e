import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { describe, expect, it } from "vitest";
import { createOfflineStore } from "../src/offline-store/create-offline-store.ts";
import { fileKey } from "../src/offline-store/dataset-manifest.ts";
import { historicalFeatures } from "../src/offline-store/historical-features.ts";
import { contentOf, PLAIN, type Row } from "./offline-store-content.ts";

const url = serverSetting("OBJECT_STORE_URL");

describe.skipIf(url === undefined)("the offline store in S3", () => {
  it("is written once, read by another machine, compared and joined", async () => {
    const objectStore = await openObjectStore({
      url: `${url}/offline-${randomBytes(6).toString("hex")}`,
      endpoint: process.env.S3_ENDPOINT,
    });
    const folder = mkdtempSync(join(tmpdir(), "marquee-offline-s3-"));
    const machine = (name: string) => createOfflineStore({ objectStore, cacheFolder: join(folder, name) });
    const keys = async () => (await Array.fromAsync(objectStore.list("features/"))).map(({ key }) => key);
    try {
      // More than S3 takes in one part.
      const rows = Array.from(
        { length: 300_000 },
        (_, i): Row => [i, "2001-01-01T00:00:00Z", Math.sin(i), i, i % 2, Math.cos(i)],
      );
      const first = await machine("one").write(contentOf({ rows }));
      const stored = await keys();
      expect((await machine("two").write(contentOf({ rows }))).hash).toBe(first.hash);
      expect(await keys()).toEqual(stored);
      const last = await machine("one").write(
        contentOf({ rows: [...rows.slice(0, -1), [1, "2031-01-01T00:00:00Z", 1, 1, 1, 1]] }),
      );
      const [dataset, before] = [await machine("three").open(last.hash), await machine("three").open(first.hash)];
      const changes = await Array.fromAsync(dataset.changedRows(PLAIN, before));
      expect(changes.flatMap(({ changed }) => changed.map(({ id }) => id))).toEqual([1]);
      expect(changes.flatMap(({ gone }) => gone)).toEqual([299_999]);
      const entities = { ids: [1, 2], asOf: [Date.parse("2031-01-01T00:00:00Z"), Date.parse("2031-01-01T00:00:00Z")] };
      const columns = await historicalFeatures(dataset, { entities, features: ["plain:height"] });
      expect(columns.get("height")).toEqual(Float64Array.of(1, Math.sin(2)));
      await Promise.all([dataset.close(), before.close()]);
      const [damaged] = before.manifest.rowFiles;
      await objectStore.put(fileKey(damaged?.sha256 ?? ""), "damaged");
      const other = await machine("four").open(first.hash);
      await expect(Array.fromAsync(other.latestRows(PLAIN))).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
      await other.close();
    } finally {
      for (const key of await keys()) await objectStore.remove(key);
      rmSync(folder, { recursive: true });
    }
  });
});
