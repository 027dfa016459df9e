import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Job } from "../open-job.ts";

/**
 * Runs work on the online store of a command's profile, and closes it.
 * @throws SETTINGS_INVALID where there is none outside of `npm start`
 */
export async function onJobOnlineStore<T>(
  { context: { clock, log }, options: { REDIS_URL: url }, profile }: Pick<Job, "context" | "options" | "profile">,
  work: (online: OnlineStore) => Promise<T>,
): Promise<T> {
  if (url === undefined) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      "REDIS_URL is not set, so features online lie in the memory of npm start: it fills them at each start and after each build, and nothing outside of it can reach them. Set REDIS_URL to keep them in Redis.",
    );
  }
  const online = openOnlineStore({ url, clock, log, namespace: `marquee:${profile.name}` });
  try {
    return await work(online);
  } finally {
    await online.close();
  }
}
