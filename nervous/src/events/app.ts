import { databaseCheck, openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { answerHealth } from "@marquee/shared/service/answer-health";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import { consumeUserEvents } from "./consume-user-events.ts";
import type { EventsSettings } from "./env.ts";

/**
 * `nervous events` as a process: from topic `events.user` into the database. Events wait in the bus while it is away.
 * @throws DATABASE_UNAVAILABLE where it is away at the start; PORT_TAKEN, SETTINGS_INVALID
 */
export async function startEvents(context: ProcessContext<EventsSettings>): Promise<void> {
  const { clock, log, metrics, lifecycle } = context;
  const { database, bus, checks } = await openProcessBacking(context);
  const consumer = await consumeUserEvents({ bus, database, clock, log, metrics, lifecycle });
  await answerHealth(context, [consumer, databaseCheck(database), ...checks]);
}
