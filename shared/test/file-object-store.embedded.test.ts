import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileObjectStore } from "../src/backing/object-store/file-object-store.ts";
import { objectStoreContract } from "../src/backing/object-store/object-store.contract.ts";

objectStoreContract("the file object store", async () => {
  const root = await mkdtemp(join(tmpdir(), "marquee-objects-"));
  return {
    store: createFileObjectStore(join(root, "not", "made", "yet")),
    close: () => rm(root, { recursive: true }),
  };
});

describe("the file object store", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "marquee-objects-"));
  });
  afterAll(() => rm(root, { recursive: true }));

  it("lists nothing in a folder that does not exist, and does not make it", async () => {
    const store = createFileObjectStore(join(root, "none"));
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
    expect(await readdir(root)).not.toContain("none");
  });

  it("lists nothing of what a killed process left half written, and clears it away a day later", async () => {
    const incoming = join(root, "killed", ".incoming");
    await mkdir(incoming, { recursive: true });
    await writeFile(join(incoming, "abandoned"), "half of");
    await writeFile(join(incoming, "at-work"), "half of");
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    await utimes(join(incoming, "abandoned"), twoDaysAgo, twoDaysAgo);
    const store = createFileObjectStore(join(root, "killed"));
    expect(await Array.fromAsync(store.list(""))).toEqual([]);
    await store.put("whole", "object");
    expect(await readdir(incoming)).toEqual(["at-work"]);
  });

  it("leaves no temporary file behind, neither after success nor after failure", async () => {
    const store = createFileObjectStore(join(root, "tidy"));
    await store.put("folder/one", "content");
    await store.put("folder/one", "content", { ifAbsent: true });
    async function* broken() {
      yield "half of";
      throw new TypeError("the source broke");
    }
    await expect(store.put("folder/two", broken())).rejects.toThrow("the source broke");
    expect(await readdir(join(root, "tidy", ".incoming"))).toEqual([]);
    expect(await readdir(join(root, "tidy", "folder"))).toEqual(["one"]);
  });

  it("leaves no empty folder behind a removed object, save the store's own", async () => {
    const store = createFileObjectStore(join(root, "emptied"));
    await store.put("a/b/c/one", "content");
    await store.put("a/two", "content");
    await store.remove("a/b/c/one");
    expect(await readdir(join(root, "emptied", "a"))).toEqual(["two"]);
    await store.remove("a/two");
    expect(await readdir(join(root, "emptied"))).toEqual([".incoming"]);
  });

  it("says so when a key would be a folder of another", async () => {
    const store = createFileObjectStore(join(root, "clash"));
    await store.put("a", "object");
    await expect(store.put("a/b", "object")).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) });
  });
});
