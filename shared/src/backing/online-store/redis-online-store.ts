import { Redis, type Result } from "ioredis";
import type { Clock } from "../../service/clock.ts";
import type { Logger } from "../../service/logger.ts";
import type { OnlineKey, OnlineRead, OnlineStore, OnlineWrite } from "./online-store.ts";
import { explainRedisError, forgetCommand } from "./redis-errors.ts";

/** An answer that comes later helps no prediction, in milliseconds. */
const COMMAND_TIMEOUT_MS = 2_000;
/** A connection that was silent for so long with a command under way is given up for a new one, in milliseconds. */
const SOCKET_TIMEOUT_MS = 5_000;
/** Between two attempts to connect. Who asks meanwhile hears the outcome of the next one, so at most this much later. */
const RECONNECT_MS = 250;
/** Values per pipeline: 500 to 5,000 are equally quick, about 55,000 a second, and each waits for those before it. */
const WRITES_PER_PIPELINE = 1_000;
/** Redis looks at about so many keys per SCAN, 0.7 ms as measured, and serves others before the next. */
const KEYS_PER_SCAN = 1_000;
/** materializedAt (milliseconds since 1970) and ttlSeconds, big-endian float64 each; the value follows. */
const HEADER_BYTES = 16;
/**
 * A value is kept for so many times its time to live: stale for most of it, which is told with it. Features live for 26
 * hours, so a week without new ones is bridged.
 */
const KEPT_FOR = 8;

/**
 * One key each, so that every replacement is atomic and Redis Cluster may put each key on a node of its own.
 * KEYS[1] the key, ARGV[1] header and value, ARGV[2] milliseconds until it is forgotten.
 */
const WRITE = `
local present = redis.call('GETRANGE', KEYS[1], 0, 7)
if #present == 8 and struct.unpack('>d', present) > struct.unpack('>d', ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** KEYS[1] the key, ARGV[1] milliseconds since 1970: what was materialised earlier goes. */
const RETIRE = `
local present = redis.call('GETRANGE', KEYS[1], 0, 7)
if #present == 8 and struct.unpack('>d', present) < tonumber(ARGV[1]) then return redis.call('DEL', KEYS[1]) end
return 0`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    marqueeWrite(key: string, record: Buffer, expiresInMs: number): Result<number, Context>;
    marqueeRetire(key: string, olderThanMs: number): Result<number, Context>;
  }
}

export interface RedisOnlineStoreOptions {
  /** redis://user:password@host:port/database, or rediss:// for TLS. */
  url: string;
  clock: Clock;
  log: Logger;
  /** What every key begins with, so that several may share a Redis. "marquee" unless given. */
  namespace?: string;
}

/**
 * An online store in Redis 7 or newer. Nothing is sent before the first call; a connection that is lost is made again.
 * Redis forgets a value by itself KEPT_FOR times its time to live after its materialisation, as the writer's clock has it.
 * Every call throws ONLINE_STORE_UNAVAILABLE within seconds while Redis is away, SETTINGS_INVALID where it refuses the login.
 */
export function createRedisOnlineStore({ url, clock, log, namespace }: RedisOnlineStoreOptions): OnlineStore {
  const { client, explained } = connect(url, log);
  const keyOf = keysIn(namespace ?? "marquee");

  async function pipelined(fill: (pipeline: ReturnType<Redis["pipeline"]>) => void): Promise<unknown[]> {
    const pipeline = client.pipeline();
    fill(pipeline);
    const answers = (await explained(pipeline.exec())) ?? [];
    return Promise.all(answers.map(([error, answer]) => (error ? explained(Promise.reject(error)) : answer)));
  }

  return {
    write: async (entries) => {
      const now = clock.now().getTime();
      const records = entries.map((entry) => ({ key: keyOf(entry), ...encodeRecord(entry, now) }));
      for (let i = 0; i < records.length; i += WRITES_PER_PIPELINE) {
        await pipelined((pipeline) => {
          for (const { key, record, expiresInMs } of records.slice(i, i + WRITES_PER_PIPELINE)) {
            pipeline.marqueeWrite(key, record, expiresInMs);
          }
        });
      }
    },
    read: async (keys) => {
      if (keys.length === 0) return [];
      // One command here; Redis Cluster will want one pipeline of GET per node, still side by side.
      const records = await explained(client.mgetBuffer(keys.map(keyOf)));
      const now = clock.now().getTime();
      return records.map((record) => decodeRecord(record, now));
    },
    retire: async (view, olderThan) => {
      const pattern = `${escapeGlob(keyOf.ofView(view))}*`;
      let retired = 0;
      let cursor = "0";
      do {
        const [next, keys] = await explained(client.scan(cursor, "MATCH", pattern, "COUNT", KEYS_PER_SCAN));
        const counts = await pipelined((pipeline) => {
          for (const key of keys) pipeline.marqueeRetire(key, olderThan.getTime());
        });
        retired += counts.reduce<number>((sum, count) => sum + Number(count), 0);
        cursor = next;
      } while (cursor !== "0");
      return retired;
    },
    close: async () => {
      if (client.status === "ready") await client.quit().catch(() => undefined); // lost meanwhile: closed as well
      client.disconnect();
    },
  };
}

/** A client that tells its log of an outage once, and explains its errors. */
function connect(url: string, log: Logger): { client: Redis; explained: <T>(work: Promise<T>) => Promise<T> } {
  const where = new URL(url).host;
  const client = new Redis(url, {
    lazyConnect: true,
    connectionName: "marquee",
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    retryStrategy: () => RECONNECT_MS,
    // What is under way when the connection goes is answered with its loss, not kept for a server that may not return.
    maxRetriesPerRequest: 0,
    // The node has become a replica: connect again, to wherever the name leads now.
    reconnectOnError: ({ message }) => message.startsWith("READONLY"),
    scripts: { marqueeWrite: { lua: WRITE, numberOfKeys: 1 }, marqueeRetire: { lua: RETIRE, numberOfKeys: 1 } },
  });
  let fault: unknown;
  client.on("error", (error: unknown) => {
    forgetCommand(error);
    if (fault === undefined) log.warn({ err: error, server: where }, "the online store is away");
    fault = error;
  });
  client.on("ready", () => {
    if (fault !== undefined) log.info({ server: where }, "the online store is back");
    fault = undefined;
  });
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw explainRedisError(error, where, fault);
    }
  };
  return { client, explained };
}

/**
 * `namespace:view:{entity}`. What stands in the braces chooses the node of a Redis Cluster: all views of an entity lie
 * together, and the entities of a view are spread. The view is encoded, so that its end is always the colon before the brace.
 */
function keysIn(namespace: string): ((key: OnlineKey) => string) & { ofView(view: string): string } {
  const ofView = (view: string) => `${namespace}:online:${encodeURIComponent(view)}:{`;
  return Object.assign(({ view, entity }: OnlineKey) => `${ofView(view)}${entity}}`, { ofView });
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, "\\$&");
}

function encodeRecord(
  { value, materializedAt, ttlSeconds }: OnlineWrite,
  now: number,
): { record: Buffer; expiresInMs: number } {
  const record = Buffer.allocUnsafe(HEADER_BYTES + value.length);
  record.writeDoubleBE(materializedAt.getTime(), 0);
  record.writeDoubleBE(ttlSeconds, 8);
  record.set(value, HEADER_BYTES);
  const forgottenAt = materializedAt.getTime() + KEPT_FOR * ttlSeconds * 1000;
  return { record, expiresInMs: Math.max(1, Math.ceil(forgottenAt - now)) };
}

function decodeRecord(record: Buffer | null, now: number): OnlineRead {
  if (record === null) return { status: "missing" };
  // A writer's clock may be ahead of ours.
  const ageSeconds = Math.max(0, (now - record.readDoubleBE(0)) / 1000);
  const status = ageSeconds < record.readDoubleBE(8) ? "present" : "stale";
  return { status, value: record.subarray(HEADER_BYTES), ageSeconds };
}
