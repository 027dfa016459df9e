import { setTimeout as delay } from "node:timers/promises";
import { MarqueeError } from "@marquee/shared/service/errors";

/** Between two looks, in milliseconds. */
const PAUSE_MS = 250;

/**
 * Looks again and again until there is something to see; a look that throws has seen nothing.
 * @param what is awaited, for the error
 * @throws NOT_READY after `seconds`, with what the last look threw or said
 */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new MarqueeError("NOT_READY", `After ${seconds} s still waiting until ${what}.`, { cause: last });
    }
    await delay(PAUSE_MS);
  }
}
