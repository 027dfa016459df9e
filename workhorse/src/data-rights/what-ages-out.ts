import { deadTopicOf } from "@marquee/shared/contracts/topics";
import type { BackupKeep } from "../backup/backups-to-remove.ts";

/** A place where something of an erased user may be that cannot be taken out of it. */
export interface AgingPlace {
  place: string;
  /** At most so long from now; null where nobody can say. */
  days: number | null;
  /** Why it is there, and what becomes of it. */
  note: string;
}

const DAYS_PER_MONTH = 31;

export interface WhatAgesOutOptions {
  /** Days on Kafka's topics, which give up no single message; undefined where the bus is tables of the database. */
  kafka: { live: number; dead: number } | undefined;
  keep: BackupKeep;
}

export function whatAgesOut({ kafka, keep }: WhatAgesOutOptions): AgingPlace[] {
  const live = "events.user";
  const topic = (name: string, days: number) => ({
    place: `Kafka topic ${name}`,
    days,
    note: "read again, it is dropped",
  });
  return [
    ...(kafka ? [topic(live, kafka.live), topic(deadTopicOf(live), kafka.dead)] : []),
    {
      place: "spools (SPOOL_FOLDER)",
      days: null,
      note: "events wait there for the event bus; once they come, they are dropped",
    },
    {
      place: "backups",
      days: Math.max(1, keep.daily, keep.weekly * 7, keep.monthly * DAYS_PER_MONTH),
      note: "where one is taken every day; a restore erases the user again",
    },
  ];
}
