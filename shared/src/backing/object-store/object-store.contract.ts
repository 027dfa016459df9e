import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isMarqueeError } from "../../service/errors.ts";
import type { ObjectStore } from "./object-store.ts";

export interface ObjectStoreUnderTest {
  store: ObjectStore;
  /** Removes whatever the tests have made. */
  close(): Promise<void>;
}

/**
 * What every object store promises. Each test writes under a prefix of its own.
 * @param create an empty store
 */
export function objectStoreContract(name: string, create: () => Promise<ObjectStoreUnderTest>): void {
  describe(`${name} keeps the object store's promises`, () => {
    let tested: ObjectStoreUnderTest;
    let store: ObjectStore;
    beforeAll(async () => {
      tested = await create();
      store = tested.store;
    });
    afterAll(() => tested.close());

    const text = async (key: string) => (await store.get(key)).toString("utf8");

    it("gives back the bytes that were put", async () => {
      const content = randomBytes(100_000);
      await store.put("bytes/one", content);
      expect(await store.get("bytes/one")).toEqual(content);
    });

    it("stores an empty object", async () => {
      await store.put("empty/one", new Uint8Array());
      expect(await store.get("empty/one")).toHaveLength(0);
      expect(await store.exists("empty/one")).toBe(true);
    });

    it("stores a stream and gives one back", async () => {
      const chunks = [randomBytes(70_000), randomBytes(1), randomBytes(70_000)];
      await store.put("stream/one", streamOf(chunks));
      expect(await collect(await store.getStream("stream/one"))).toEqual(Buffer.concat(chunks));
    });

    it("replaces an object that is put again", async () => {
      await store.put("again/one", "first, and longer");
      expect(await store.put("again/one", "second")).toEqual({ stored: true });
      expect(await text("again/one")).toBe("second");
    });

    it("leaves an object alone that is put again if absent, and says so", async () => {
      expect(await store.put("absent/one", "first", { ifAbsent: true })).toEqual({ stored: true });
      expect(await store.put("absent/one", "second", { ifAbsent: true })).toEqual({ stored: false });
      expect(await text("absent/one")).toBe("first");
    });

    it("lets exactly one of many writers win who put the same key if absent at once", async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, async (_, i) => store.put("race/one", `writer ${i}`, { ifAbsent: true })),
      );
      const winner = results.findIndex(({ stored }) => stored);
      expect(results.filter(({ stored }) => stored)).toHaveLength(1);
      expect(await text("race/one")).toBe(`writer ${winner}`);
    });

    it("shows a reader one whole object while it is replaced, never parts of two", async () => {
      const whole = (letter: string) => letter.repeat(200_000);
      await store.put("replace/one", whole("a"));
      const writes = (async () => {
        for (const letter of "bcdefgh") await store.put("replace/one", whole(letter));
      })();
      for (let read = 0; read < 20; read++) {
        const seen = await text("replace/one");
        expect(seen).toBe(whole(seen.charAt(0)));
      }
      await writes;
    });

    it("keeps nothing of an object whose source fails, and passes the source's error on", async () => {
      const failure = new TypeError("the source broke");
      async function* broken() {
        yield randomBytes(10_000);
        throw failure;
      }
      await expect(store.put("broken/one", broken())).rejects.toBe(failure);
      expect(await store.exists("broken/one")).toBe(false);
      expect(await keys(store, "broken/")).toEqual([]);
    });

    it("keeps the object that was there when the source of its replacement fails", async () => {
      await store.put("kept/one", "old");
      async function* broken() {
        yield "new";
        throw new TypeError("the source broke");
      }
      await expect(store.put("kept/one", broken())).rejects.toThrow("the source broke");
      expect(await text("kept/one")).toBe("old");
    });

    it("says OBJECT_NOT_FOUND with the key for what is not there, of get and of getStream", async () => {
      for (const read of [store.get, store.getStream]) {
        const error = await read("none/one").catch((thrown: unknown) => thrown);
        expect(isMarqueeError(error, "OBJECT_NOT_FOUND")).toBe(true);
        expect(String(error)).toContain("none/one");
      }
    });

    it("takes no folder and no part of a key for an object", async () => {
      await store.put("folder/below/one", "content");
      expect(await store.exists("folder/below")).toBe(false);
      await expect(store.get("folder/below")).rejects.toMatchObject({ code: "OBJECT_NOT_FOUND" });
      await expect(store.get("folder/below/one/more")).rejects.toMatchObject({ code: "OBJECT_NOT_FOUND" });
    });

    it("removes an object, and nothing beside it", async () => {
      for (const key of ["remove/a/one", "remove/a/two", "remove/a-one", "remove/a/one.b"]) await store.put(key, key);
      await store.remove("remove/a/one");
      expect(await store.exists("remove/a/one")).toBe(false);
      await expect(store.get("remove/a/one")).rejects.toMatchObject({ code: "OBJECT_NOT_FOUND" });
      expect(await keys(store, "remove/")).toEqual(["remove/a-one", "remove/a/one.b", "remove/a/two"]);
    });

    it("takes what is not there for removed: an object removed twice, one that never was, a folder", async () => {
      await store.put("gone/below/one", "content");
      await store.remove("gone/below");
      await store.remove("gone/none/one");
      await store.remove("gone/below/one/more");
      expect(await keys(store, "gone/")).toEqual(["gone/below/one"]);
      await store.remove("gone/below/one");
      await store.remove("gone/below/one");
      expect(await keys(store, "gone/")).toEqual([]);
    });

    it("stores anew what was removed, also if absent, and where a folder of the key's stood", async () => {
      await store.put("anew/one/below", "first");
      await store.remove("anew/one/below");
      expect(await store.put("anew/one/below", "second", { ifAbsent: true })).toEqual({ stored: true });
      expect(await text("anew/one/below")).toBe("second");
      await store.remove("anew/one/below");
      await store.put("anew/one", "third");
      expect(await text("anew/one")).toBe("third");
    });

    it("stores every object of writers whose neighbours are removed meanwhile", async () => {
      const turns = Array.from({ length: 20 }, (_, i) => i);
      await Promise.all(
        ["a", "b", "c", "d"].map(async (name) => {
          for (const turn of turns) {
            await store.put(`busy/folder/${name}`, `${turn}`);
            expect(await text(`busy/folder/${name}`)).toBe(`${turn}`);
            await store.remove(`busy/folder/${name}`);
          }
        }),
      );
      expect(await keys(store, "busy/")).toEqual([]);
    });

    it("lists what begins with a prefix, in the order of the keys, with sizes", async () => {
      const stored = ["list/a/x", "list/a-b", "list/b", "list/Z", "list/a.b", "list/c/1", "list/c/10", "list/c/2"];
      for (const key of stored) await store.put(key, key);
      const listed = await Array.fromAsync(store.list("list/"));
      expect(listed).toEqual([...stored].sort().map((key) => ({ key, bytes: key.length })));
    });

    it("takes a prefix as text: it may end within a name", async () => {
      for (const key of ["prefix/day=2024-01-01/x", "prefix/day=2024-02-01/x", "prefix/dawn"])
        await store.put(key, key);
      expect(await keys(store, "prefix/day=2024-0")).toEqual(["prefix/day=2024-01-01/x", "prefix/day=2024-02-01/x"]);
      expect(await keys(store, "prefix/da")).toHaveLength(3);
      expect(await keys(store, "prefix/day=2024-01-01/x")).toEqual(["prefix/day=2024-01-01/x"]);
      expect(await keys(store, "prefix/nothing/")).toEqual([]);
    });

    it.each([
      "",
      "/absolute",
      "folder/",
      "two//slashes",
      "../outside",
      "a/../b",
      "a/.",
      ".hidden",
      "a/.hidden",
      "a\\b",
      "a b",
      "a:b",
      "über",
      "a\0b",
      "x".repeat(201),
      `${"x/".repeat(400)}x`,
    ])("refuses %j as a key, whatever is asked", async (key) => {
      for (const attempt of [
        () => store.put(key, "x"),
        () => store.get(key),
        () => store.getStream(key),
        () => store.exists(key),
        () => store.remove(key),
      ]) {
        await expect((async () => attempt())()).rejects.toMatchObject({ code: "INTERNAL" });
      }
    });
  });
}

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

async function keys(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).map(({ key }) => key);
}
