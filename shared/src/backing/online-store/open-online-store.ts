import type { Clock } from "../../service/clock.ts";
import { MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import type { OnlineStore } from "./online-store.ts";
import { parseRedisUrl, REDIS_URL_FORMS } from "./redis-address.ts";
import { connectRedisCluster } from "./redis-cluster.ts";
import { createRedisOnlineStore } from "./redis-online-store.ts";
import { connectSingleRedis } from "./single-redis.ts";

export interface OpenOnlineStoreOptions {
  /** REDIS_URL_FORMS */
  url: string;
  clock: Clock;
  log: Logger;
  /** What every key begins with, so that several may share a Redis. "marquee" unless given. */
  namespace?: string;
}

/**
 * The online store that a URL names, one server or a cluster. Nothing is sent before the first call.
 * @throws SETTINGS_INVALID naming what is accepted
 */
export function openOnlineStore({ url, clock, log, namespace }: OpenOnlineStoreOptions): OnlineStore {
  const address = parseRedisUrl(url);
  if (address === undefined) {
    throw new MarqueeError("SETTINGS_INVALID", `REDIS_URL: accepted is ${REDIS_URL_FORMS}.`);
  }
  const nodes = address.kind === "cluster" ? connectRedisCluster(address, log) : connectSingleRedis(address.url, log);
  return createRedisOnlineStore({ nodes, clock, namespace });
}
