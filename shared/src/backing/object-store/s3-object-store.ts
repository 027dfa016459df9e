import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { checkKey, type ListedObject, notFound, type ObjectStore } from "./object-store.ts";
import { explainS3Error, statusOf } from "./s3-errors.ts";

const CONNECT_TIMEOUT_MS = 3_000;
/** A connection on which nothing has moved for so long is given up, in milliseconds. */
const SILENCE_TIMEOUT_MS = 30_000;
/** In all, with the SDK's own back-off: over a failed node or a "slow down", not over an outage. */
const ATTEMPTS = 3;
/** S3-compatible servers take any region, but the signature needs one. */
const ANY_REGION = "us-east-1";

export interface S3ObjectStoreOptions {
  bucket: string;
  /** Stands before every key; "" or a name that ends with a slash. */
  prefix: string;
  /** The address of an S3-compatible server; Amazon's of the region unless given. */
  endpoint?: string;
  /** What signatures are made for; where the SDK finds it unless given. */
  region?: string;
  /** Milliseconds of silence after which a call is given up; 30,000 unless given. */
  silenceTimeoutMs?: number;
}

interface Bucket {
  client: S3Client;
  name: string;
  prefix: string;
  /** Bucket and server, for errors. */
  where: string;
}

/**
 * An object store in a bucket of S3, or of a server that speaks its protocol. Credentials and region come from where the
 * AWS SDK looks for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_REGION, a profile, the machine's role.
 * Content of unknown length goes in parts of 5 MB; those of an upload that was killed stay unseen until the bucket's rule for
 * incomplete uploads removes them. A put with `ifAbsent` whose answer was lost on the way and that was sent again finds
 * its own object, and says that it was there.
 * Every call throws OBJECT_STORE_UNAVAILABLE while S3 cannot be reached, SETTINGS_INVALID where it refuses bucket or credentials.
 */
export function createS3ObjectStore(options: S3ObjectStoreOptions): ObjectStore {
  const { bucket: name, prefix, endpoint } = options;
  const bucket = { client: createClient(options), name, prefix, where: `${name} at ${endpoint ?? "Amazon S3"}` };
  return {
    put: (key, content, { ifAbsent = false } = {}) =>
      typeof content === "string" || content instanceof Uint8Array
        ? putWhole(bucket, key, { content, ifAbsent })
        : putStream(bucket, key, { content, ifAbsent }),
    get: async (key) => {
      const body = await open(bucket, key);
      return Buffer.from(await explained(bucket, body.transformToByteArray()));
    },
    getStream: async (key) => {
      const body = (await open(bucket, key)) as unknown as Readable;
      const chunks = chunksOf(body, (error) => explainS3Error(error, bucket.where));
      return Readable.from(chunks, { objectMode: false });
    },
    exists: (key) => exists(bucket, key),
    remove: async (key) => {
      const command = new DeleteObjectCommand(nameOf(bucket, key));
      await explained(bucket, bucket.client.send(command));
    },
    list: (keyPrefix) => list(bucket, keyPrefix),
  };
}

function createClient({ endpoint, region, silenceTimeoutMs }: S3ObjectStoreOptions): S3Client {
  const signedFor = region ?? (endpoint === undefined ? undefined : ANY_REGION);
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(signedFor === undefined ? {} : { region: signedFor }),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
    },
  });
}

interface PutOptions<Content> {
  content: Content;
  ifAbsent: boolean;
}

async function putWhole(
  bucket: Bucket,
  key: string,
  { content, ifAbsent }: PutOptions<Uint8Array | string>,
): Promise<{ stored: boolean }> {
  const body = typeof content === "string" ? Buffer.from(content) : content;
  const command = new PutObjectCommand({
    ...nameOf(bucket, key),
    ...condition(ifAbsent),
    Body: body,
    ContentLength: body.byteLength,
  });
  return stored(bucket, bucket.client.send(command));
}

async function putStream(
  bucket: Bucket,
  key: string,
  { content, ifAbsent }: PutOptions<AsyncIterable<Uint8Array | string>>,
): Promise<{ stored: boolean }> {
  const name = nameOf(bucket, key);
  // Asked first, so that a source is not read for nothing; the condition still decides a race.
  if (ifAbsent && (await exists(bucket, key))) return { stored: false };
  const source = watch(content);
  const upload = new Upload({
    client: bucket.client,
    params: { ...name, ...condition(ifAbsent), Body: source.bytes },
  });
  try {
    return await stored(bucket, upload.done());
  } catch (error) {
    const failure = source.failure();
    throw failure ? failure.error : error;
  }
}

function condition(ifAbsent: boolean): { IfNoneMatch?: string } {
  return ifAbsent ? { IfNoneMatch: "*" } : {};
}

/** Refused by the condition is an answer, not an error. */
async function stored(bucket: Bucket, work: Promise<unknown>): Promise<{ stored: boolean }> {
  try {
    await work;
    return { stored: true };
  } catch (error) {
    if (statusOf(error) === 412) return { stored: false };
    throw explainS3Error(error, bucket.where);
  }
}

async function exists(bucket: Bucket, key: string): Promise<boolean> {
  try {
    await bucket.client.send(new HeadObjectCommand(nameOf(bucket, key)));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw explainS3Error(error, bucket.where);
  }
}

async function open(bucket: Bucket, key: string) {
  try {
    const { Body } = await bucket.client.send(new GetObjectCommand(nameOf(bucket, key)));
    if (Body) return Body;
  } catch (error) {
    throw isAbsence(error) ? notFound(key, error) : explainS3Error(error, bucket.where);
  }
  throw notFound(key);
}

async function* list(bucket: Bucket, keyPrefix: string): AsyncGenerator<ListedObject> {
  const { client, name, prefix } = bucket;
  let from: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: name,
      Prefix: `${prefix}${keyPrefix}`,
      ContinuationToken: from,
    });
    const page = await explained(bucket, client.send(command));
    for (const { Key = "", Size = 0 } of page.Contents ?? []) {
      // What other tools make to show a folder.
      if (!Key.endsWith("/")) yield { key: Key.slice(prefix.length), bytes: Size };
    }
    from = page.NextContinuationToken;
  } while (from !== undefined);
}

function nameOf({ name, prefix }: Bucket, key: string): { Bucket: string; Key: string } {
  checkKey(key);
  return { Bucket: name, Key: `${prefix}${key}` };
}

async function explained<T>({ where }: Bucket, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainS3Error(error, where);
  }
}

interface Failure {
  error: unknown;
}

/** The source as bytes; keeps the error that it failed with, since an upload may fail for reasons of its own. */
function watch(source: AsyncIterable<Uint8Array | string>): { bytes: Readable; failure(): Failure | undefined } {
  let failure: Failure | undefined;
  const chunks = chunksOf(source, (error) => {
    failure = { error };
    return error;
  });
  return { bytes: Readable.from(chunks), failure: () => failure };
}

/** @param onError turns what `source` throws into what is thrown; who stops reading throws an error of its own, which is left */
async function* chunksOf(
  source: AsyncIterable<Uint8Array | string>,
  onError: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let reading = true;
  try {
    for await (const chunk of source) {
      reading = false;
      yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      reading = true;
    }
  } catch (error) {
    throw reading ? onError(error) : error;
  }
}

/** HEAD and GET name a missing object differently; a missing bucket is something else. */
function isAbsence(error: unknown): boolean {
  return statusOf(error) === 404 && !(error instanceof Error && error.name === "NoSuchBucket");
}
