import type { OnlineKey, OnlineRead } from "../backing/online-store/online-store.ts";
import { type CalendarDate, type EpochDay, epochDay } from "../contracts/time.ts";
import type { RecordKey } from "./feature-view.ts";
import { ONLINE } from "./online-layout.ts";
import { daySpan, encodeTrackRecord, sliceRecord, stateCount, type TrackRecord } from "./track-record.ts";

/** So many days of a record are read and decoded at once without anyone noticing: 10 kB. */
const MAX_WHOLE_STATES = 256;
/** Views look at most so far back from a day in January; twice what any of them needs today. */
const WINDOW_DAYS = 60;
const MILLISECONDS_PER_DAY = 86_400_000;

/** A record as it lies online: whole, or what one calendar year's days ask for. */
export interface RecordChunk {
  /** Undefined: the whole record. */
  year: number | undefined;
  record: TrackRecord;
}

/**
 * A short record stays whole. A long one (all films' has a state per day of a century) is cut by years, so that what a
 * reader takes does not grow with the catalog: the states of the year, those of the 60 days before it, and the one
 * before these.
 * @param lastYear the last that anyone will ask for: the year of the build and one more
 */
export function chunksOf(record: TrackRecord, lastYear: number): RecordChunk[] {
  const span = daySpan(record);
  if (!span || stateCount(record) <= MAX_WHOLE_STATES) return [{ year: undefined, record }];
  const firstYear = yearOf(span.first as EpochDay);
  return Array.from({ length: Math.max(0, lastYear - firstYear + 1) }, (_, i) => {
    const year = firstYear + i;
    const from = (startOf(year) - WINDOW_DAYS) as EpochDay;
    return { year, record: sliceRecord(record, from, startOf(year + 1)) };
  });
}

/** A record's values for the online store. */
export function recordEntries(
  key: RecordKey,
  record: TrackRecord,
  lastYear: number,
): (OnlineKey & { value: Uint8Array })[] {
  return chunksOf(record, lastYear).map((chunk) => ({
    ...(chunk.year === undefined ? ONLINE.record(key) : ONLINE.recordOfYear(key, chunk.year)),
    value: encodeTrackRecord(chunk.record),
  }));
}

/** Where to look for a record that is asked as of a day: at both, in one read. */
export function recordReads(key: RecordKey, asOf: EpochDay): { whole: OnlineKey; chunk: OnlineKey } {
  return { whole: ONLINE.record(key), chunk: ONLINE.recordOfYear(key, yearOf(asOf)) };
}

/**
 * Which of the two answers holds the record. Both are there only while a materialisation turns one into the other: then
 * the later written one.
 */
export function recordFrom(whole: OnlineRead, chunk: OnlineRead): OnlineRead {
  if (chunk.status === "missing") return whole;
  return whole.status === "missing" || chunk.ageSeconds <= whole.ageSeconds ? chunk : whole;
}

export function yearOf(day: EpochDay): number {
  return new Date(day * MILLISECONDS_PER_DAY).getUTCFullYear();
}

function startOf(year: number): EpochDay {
  return epochDay(`${String(year).padStart(4, "0")}-01-01` as CalendarDate);
}
