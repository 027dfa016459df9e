import { MarqueeError } from "../../service/errors.ts";
import type { OnlineStore } from "./online-store.ts";
import { createRedisOnlineStore, type RedisOnlineStoreOptions } from "./redis-online-store.ts";

/**
 * The online store that a URL names: `redis://` or, with TLS, `rediss://`.
 * @throws SETTINGS_INVALID naming what is accepted
 */
export function openOnlineStore(options: RedisOnlineStoreOptions): OnlineStore {
  if (URL.canParse(options.url)) {
    const { protocol, host } = new URL(options.url);
    if ((protocol === "redis:" || protocol === "rediss:") && host !== "") return createRedisOnlineStore(options);
  }
  throw new MarqueeError(
    "SETTINGS_INVALID",
    "REDIS_URL: accepted is redis://user:password@host:6379/0, or rediss:// for TLS.",
  );
}
