import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { ObjectStore } from "@marquee/shared/backing/object-store/object-store";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Archive, createArchive, type Manifest } from "../src/archive/archive.ts";
import { archiveStep } from "../src/tasks/steps.ts";
import type { Progress, TaskContext } from "../src/tasks/task-context.ts";
import { trackedStep } from "../src/tasks/tracked-step.ts";
import { listArchive, type VerifiedDays, verifyArchive } from "../src/tasks/verify-archive.ts";

let folder: string;
let store: ObjectStore;
/** Keys of the objects that were read. */
let read: string[];
let now: Date;
let archive: Archive;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "marquee-archive-"));
  const files = createFileObjectStore(join(folder, "objects"));
  read = [];
  store = {
    ...files,
    get: (key) => {
      read.push(key);
      return files.get(key);
    },
  };
  now = new Date("2026-01-01T10:00:00.000Z");
  archive = createArchive(store, { now: () => now });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const body = (id: number) => ({ path: `/movie/${id}?`, body: `{"id":${id}}` });
const batch = (name: string, ...ids: number[]): Promise<Manifest> =>
  archive.storeBodies({ source: "tmdb", name, bodies: ids.map(body), cursor: `ids ${ids.join(" ")}` });
function fileOf(content: Buffer): string {
  const path = join(folder, "download.gz");
  writeFileSync(path, content);
  return path;
}
const ratings = (lines: string, rows?: number): Promise<Manifest> =>
  archive.storeFile({
    ...{ source: "imdb", name: "title.ratings", path: fileOf(gzipSync(lines)) },
    observedAt: new Date("2025-12-31T00:00:00Z"),
    ...(rows === undefined ? {} : { rows }),
  });
const keysOf = (source: "tmdb" | "imdb"): Promise<string[]> => Array.fromAsync(archive.keys(source));
const context = (progress: Progress[] = []): TaskContext => ({
  database: {} as TaskContext["database"],
  objectStore: store,
  clock: systemClock,
  log: createLogger("test", "silent"),
  signal: new AbortController().signal,
  onProgress: (step) => progress.push(step),
});

describe("a fetch of bodies", () => {
  it("comes back as it was, with the status of what is gone", async () => {
    const gone = { path: "/movie/2?", body: '{"status_code":34}', status: 404 };
    const manifest = await archive.storeBodies({ source: "tmdb", name: "films", bodies: [body(1), gone], cursor: "x" });
    expect(manifest).toMatchObject({ rows: 2, cursor: "x", fetchedAt: now.toISOString(), form: "bodies" });
    expect(await archive.readBodies(manifest)).toEqual([body(1), gone]);
  });

  it("stored again changes nothing", async () => {
    await batch("films", 1, 2);
    await batch("films", 1, 2);
    expect((await listArchive(archive)).keys).toHaveLength(1);
  });

  it("of before cursors and statuses were noted still reads", async () => {
    const manifest = await batch("films", 1);
    const { cursor: _, ...old } = manifest;
    const [key = ""] = await keysOf("tmdb");
    await store.put(key, JSON.stringify(old));
    expect((await archive.manifest(key)).manifest).toEqual({ ...old, cursor: null });
  });
});

describe("a file", () => {
  it("is kept as it came, its lines counted without the header", async () => {
    const manifest = await ratings("a\tb\n1\t2\n3\t4\n");
    expect(manifest).toMatchObject({ rows: 2, form: "tsv", observedAt: "2025-12-31T00:00:00.000Z" });
    expect(gunzipSync(Buffer.from(await new Response(await archive.openFile(manifest)).arrayBuffer())).toString()).toBe(
      "a\tb\n1\t2\n3\t4\n",
    );
    expect((await ratings("a\tb\n1\t2\n3\t4")).rows).toBe(2);
    expect((await ratings("a\tb\n")).rows).toBe(0);
    expect((await ratings("")).rows).toBe(0);
    expect((await ratings("a\tb\n1\t2\n", 1)).rows).toBe(1);
  });

  it("of lines has no header", async () => {
    const manifest = await archive.storeFile({
      ...{ source: "tmdb", name: "movie_ids", path: fileOf(gzipSync('{"id":1}\n{"id":2}\n')), observedAt: now },
      form: "lines",
    });
    expect(manifest).toMatchObject({ rows: 2, form: "lines" });
    expect(await archive.readBodies(manifest)).toEqual([]);
  });

  it.each([
    ["cut off", gzipSync("a\tb\n1\t2\n".repeat(1_000)).subarray(0, 40)],
    ["no gzip at all", Buffer.from("<html>busy</html>")],
  ])("that is %s is not taken", async (_what, content) => {
    const path = fileOf(content);
    await expect(
      archive.storeFile({ source: "imdb", name: "title.ratings", path, observedAt: now }),
    ).rejects.toMatchObject({ code: "SOURCE_BODY_INVALID", details: { fault: "truncated" } });
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
  });
});

describe("the manifests of years", () => {
  it("are listed without being read, and only the unknown ones are read, in the order of their fetching", async () => {
    for (const [day, name] of [
      ["2026-01-02T09:00:00Z", "b-late"],
      ["2026-01-02T08:00:00Z", "c-early"],
      ["2026-01-01T08:00:00Z", "a-known"],
      ["2026-01-03T08:00:00Z", "a-last"],
    ] as const) {
      now = new Date(day);
      await batch(name, name.length);
    }
    const { keys } = await listArchive(archive);
    expect(keys).toHaveLength(4);
    expect(read).toEqual([]);
    const pending = await archive.pending("tmdb", (key) => key.includes("a-known"));
    expect(pending.map(({ manifest }) => manifest.name)).toEqual(["c-early", "b-late", "a-last"]);
    expect(read).toHaveLength(3);
    const all = await Array.fromAsync(archive.manifests("tmdb"));
    expect(all.map(({ manifest }) => manifest.name)).toEqual(["a-known", "c-early", "b-late", "a-last"]);
  });

  it("tell the latest of a name, and do not take one name for another", async () => {
    await ratings("h\n1\n");
    now = new Date("2026-01-02T08:00:00Z");
    await ratings("h\n1\n2\n");
    now = new Date("2026-01-02T09:00:00Z");
    const last = await ratings("h\n1\n2\n3\n");
    await archive.storeFile({
      ...{ source: "imdb", name: "title.ratings-old", path: fileOf(gzipSync("h\n")), observedAt: now },
    });
    expect((await archive.latest("imdb", "title.ratings"))?.manifest).toEqual(last);
    expect(await archive.latest("imdb", "title.akas")).toBeUndefined();
    // Of two days with three fetches, those of the last day.
    expect(read).toHaveLength(2);
  });

  it("of which retention removes one meanwhile are read without it", async () => {
    await batch("a", 1);
    await batch("b", 2);
    const [first = ""] = await keysOf("tmdb");
    const without = createArchive(
      { ...store, get: async (key) => store.get(key === first ? "archive/removed" : key) },
      systemClock,
    );
    expect((await without.pending("tmdb", () => false)).map(({ manifest }) => manifest.name)).toEqual(["b"]);
  });
});

describe("verifying", () => {
  it("reads everything back and tells how far it is", async () => {
    const stored = [await batch("a", 1), await batch("b", 2), await ratings("h\n1\n")];
    const progress: Progress[] = [];
    const { rowsOut, detail } = await verifyArchive(context(progress), archive, await listArchive(archive));
    expect(rowsOut).toBe(3);
    expect(detail.bytes).toBe(stored.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(progress).toHaveLength(3);
    expect(progress.at(-1)).toEqual({ done: 3, total: 3, unit: "fetches" });
  });

  it("names everything that is damaged or missing in one error", async () => {
    const cut = await batch("cut", 1);
    const swapped = await batch("swapped", 2);
    const missing = await batch("missing", 3);
    const flipped = await ratings("h\n1\t2\n");
    await batch("whole", 4);
    const whole = await store.get(cut.objectKey);
    await store.put(cut.objectKey, whole.subarray(0, whole.length - 9));
    await store.put(swapped.objectKey, whole);
    await store.remove(missing.objectKey);
    const file = Buffer.from(await store.get(flipped.objectKey));
    file[12] = (file[12] ?? 0) ^ 1;
    await store.put(flipped.objectKey, file);
    const badKey = "archive/manifests/tmdb/2026-01-01/bad-00000000.json";
    await store.put(badKey, "{");
    const failed = verifyArchive(context(), archive, await listArchive(archive));
    await expect(failed).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
    const error = await failed.catch((thrown: unknown) => thrown as Error & { details: { damaged: unknown[] } });
    if (!("details" in error)) throw new Error("expected a failure");
    expect(error.details.damaged).toHaveLength(5);
    for (const name of [cut.objectKey, swapped.objectKey, missing.objectKey, flipped.objectKey, badKey]) {
      expect(error.message).toContain(name);
    }
    expect(error.message).toContain("5 of 6 fetches");
  });

  it("says that objects are missing where none is damaged", async () => {
    const missing = await batch("missing", 3);
    await store.remove(missing.objectKey);
    await expect(verifyArchive(context(), archive, await listArchive(archive))).rejects.toMatchObject({
      code: "OBJECT_NOT_FOUND",
    });
  });

  it("reads only the days that have other fetches than those that are known to be whole", async () => {
    const first = await batch("a", 1);
    now = new Date("2026-01-02T10:00:00.000Z");
    const second = await batch("b", 2);
    const known = (await verifyArchive(context(), archive, await listArchive(archive))).detail.days as VerifiedDays;
    read = [];
    expect(await verifyArchive(context(), archive, await listArchive(archive), known)).toMatchObject({
      ...{ rowsIn: 2, rowsOut: 0 },
      detail: { fetches: 2, read: 0, bytes: first.bytes + second.bytes, days: known },
    });
    expect(read).toEqual([]);
    const third = await batch("c", 3);
    const { rowsOut, detail } = await verifyArchive(context(), archive, await listArchive(archive), known);
    expect(rowsOut).toBe(2);
    expect(detail.bytes).toBe(first.bytes + second.bytes + third.bytes);
    await store.remove(second.objectKey);
    await expect(verifyArchive(context(), archive, await listArchive(archive), known)).rejects.toMatchObject({
      code: "OBJECT_NOT_FOUND",
    });
  });

  it("as a step reads what is new, and everything after damage was found", async () => {
    const database = await createTestDatabase();
    try {
      const step = async () =>
        trackedStep({ ...context(), database }, archiveStep(archive, await listArchive(archive)));
      const damaged = await batch("a", 1);
      expect(await step()).toMatchObject({ rowsOut: 1, unchanged: false });
      expect(await step()).toMatchObject({ unchanged: true });
      now = new Date("2026-01-02T10:00:00.000Z");
      await batch("b", 2);
      expect(await step()).toMatchObject({ rowsIn: 2, rowsOut: 1 });
      const whole = await store.get(damaged.objectKey);
      await store.put(damaged.objectKey, "damaged");
      await expect(
        trackedStep(
          { ...context(), database },
          { ...archiveStep(archive, await listArchive(archive), { all: true }), stillThere: async () => false },
        ),
      ).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
      await expect(step()).rejects.toMatchObject({ code: "OBJECT_CORRUPT" });
      await store.put(damaged.objectKey, whole);
      expect(await step()).toMatchObject({ rowsIn: 2, rowsOut: 2 });
      expect(await step()).toMatchObject({ unchanged: true });
    } finally {
      await database.close();
    }
  });

  it("stops when it is told to", async () => {
    await batch("a", 1);
    const reason = new DOMException("stopping", "AbortError");
    const stopped = { ...context(), signal: AbortSignal.abort(reason) };
    await expect(verifyArchive(stopped, archive, await listArchive(archive))).rejects.toBe(reason);
  });
});
