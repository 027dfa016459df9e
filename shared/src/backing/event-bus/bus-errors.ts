import { errorMessage, isMarqueeError, MarqueeError } from "../../service/errors.ts";

/** Whatever keeps the database from doing the bus's work keeps the bus from it. @throws EVENT_BUS_UNAVAILABLE */
export async function explainedAsBus<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isMarqueeError(cause, "EVENT_BUS_UNAVAILABLE")) throw cause;
    const reason = errorMessage(cause).replace(/\.$/, "");
    throw new MarqueeError("EVENT_BUS_UNAVAILABLE", `The event bus cannot be used now: ${reason}.`, { cause });
  }
}
