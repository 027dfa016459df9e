import { randomBytes } from "node:crypto";
import { DeleteObjectsCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { objectStoreContract } from "../src/backing/object-store/object-store.contract.ts";
import type { ObjectStore } from "../src/backing/object-store/object-store.ts";
import { openObjectStore } from "../src/backing/object-store/open-object-store.ts";
import { serverSetting } from "../src/testing/real-servers.ts";

const bucketUrl = serverSetting("OBJECT_STORE_URL") ?? "";
const endpoint = process.env.S3_ENDPOINT;
const Bucket = bucketUrl === "" ? "" : new URL(bucketUrl).host;
const MEBIBYTE = 1024 * 1024;

/** A store under a prefix of its own, which is emptied at the end. */
async function open() {
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  const store = await openObjectStore({ url: `s3://${Bucket}/${prefix}`, endpoint });
  const client = new S3Client(endpoint === undefined ? {} : { endpoint, forcePathStyle: true });
  const close = async () => {
    for (;;) {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/` }));
      const Objects = (Contents ?? []).map(({ Key }) => ({ Key }));
      if (Objects.length === 0) break;
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    }
    client.destroy();
  };
  const unfinished = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: `${prefix}/` }))).Uploads ?? [];
  return { store, close, unfinished };
}

describe.skipIf(Bucket === "")("in a real S3", () => {
  objectStoreContract("the S3 object store", open);
});

describe.skipIf(Bucket === "")("the S3 object store", () => {
  let opened: Awaited<ReturnType<typeof open>>;
  let store: ObjectStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  const mebibytes = (count: number) => Array.from({ length: count }, () => randomBytes(MEBIBYTE));
  async function* streamOf(chunks: readonly Buffer[], failure?: Error): AsyncGenerator<Buffer> {
    yield* chunks;
    if (failure) throw failure;
  }

  it("stores a stream of several parts and gives it back as one", async () => {
    const chunks = mebibytes(12);
    expect(await store.put("large/one", streamOf(chunks))).toEqual({ stored: true });
    const read = await Array.fromAsync(await store.getStream("large/one"));
    expect(Buffer.concat(read).equals(Buffer.concat(chunks))).toBe(true);
    expect(await Array.fromAsync(store.list("large/"))).toEqual([{ key: "large/one", bytes: 12 * MEBIBYTE }]);
  });

  it("lets exactly one of two streams of several parts win who are put if absent at once", async () => {
    const contents = [mebibytes(6), mebibytes(6)];
    const results = await Promise.all(
      contents.map((chunks) => store.put("race/large", streamOf(chunks), { ifAbsent: true })),
    );
    expect(results.filter(({ stored }) => stored)).toHaveLength(1);
    const winner = contents[results.findIndex(({ stored }) => stored)] ?? [];
    expect((await store.get("race/large")).equals(Buffer.concat(winner))).toBe(true);
  });

  it("reads nothing of a stream that is put if absent where there is an object", async () => {
    await store.put("there/one", "content");
    let asked = false;
    async function* source() {
      asked = true;
      yield "other";
    }
    expect(await store.put("there/one", source(), { ifAbsent: true })).toEqual({ stored: false });
    expect(asked).toBe(false);
  });

  it("keeps nothing of a stream that fails after its first parts, not even the parts", async () => {
    const failure = new TypeError("the source broke");
    await expect(store.put("broken/large", streamOf(mebibytes(12), failure))).rejects.toBe(failure);
    expect(await store.exists("broken/large")).toBe(false);
    expect(await opened.unfinished()).toEqual([]);
  });

  it("passes on a source's own network error, which is none of S3's", async () => {
    const failure = Object.assign(new TypeError("read ECONNRESET"), { code: "ECONNRESET" });
    await expect(store.put("broken/one", streamOf(mebibytes(1), failure))).rejects.toBe(failure);
  });

  it("lists more than fits on a page of S3, in order", async () => {
    const keys = Array.from({ length: 1_050 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, "")));
    }
    expect((await Array.fromAsync(store.list("many/"))).map(({ key }) => key)).toEqual(keys);
  });

  it("leaves a stream that nobody reads to the end without holding its connection", async () => {
    await store.put("half/one", randomBytes(8 * MEBIBYTE));
    // More than the SDK keeps connections for.
    for (let i = 0; i < 60; i++) {
      for await (const _chunk of await store.getStream("half/one")) break;
    }
    expect(await store.exists("half/one")).toBe(true);
  });

  it("says that the bucket is not there", async () => {
    const elsewhere = await openObjectStore({ url: "s3://no-such-bucket-here", endpoint });
    const told = { code: "SETTINGS_INVALID", message: expect.stringContaining("no-such-bucket-here") };
    await expect(elsewhere.put("one", "content")).rejects.toMatchObject(told);
    await expect(elsewhere.get("one")).rejects.toMatchObject(told);
    await expect(Array.fromAsync(elsewhere.list(""))).rejects.toMatchObject(told);
  });

  it("says that the credentials are refused, and does not show them", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "not-the-secret");
    const refused = await openObjectStore({ url: `s3://${Bucket}`, endpoint });
    for (const call of [() => refused.put("one", "x"), () => refused.get("one"), () => refused.exists("one")]) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "SETTINGS_INVALID", message: expect.stringContaining("AWS_ACCESS_KEY_ID") });
      expect(String(error)).not.toContain("not-the-secret");
    }
    vi.unstubAllEnvs();
  });
});
