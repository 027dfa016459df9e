import { MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { createRedisProcess, type RedisProcess } from "@marquee/shared/testing/redis-process";

export interface OwnRedis extends Pick<RedisProcess, "port" | "url"> {
  stop(): Promise<void>;
}

/**
 * A Redis server of a benchmark's own on a free port, which keeps everything in memory alone.
 * @throws USAGE where redis-server is not installed
 */
export async function startOwnRedis(): Promise<OwnRedis> {
  const { start, wipe, port, url } = await createRedisProcess();
  try {
    await start();
  } catch (error) {
    await wipe();
    if (systemCode(error) !== "ENOENT") throw error;
    const why = "redis-server is not installed (Debian: apt-get install redis-server)";
    throw new MarqueeError("USAGE", `The benchmark needs a Redis server: ${why}.`, { cause: error });
  }
  return { port, url, stop: wipe };
}
