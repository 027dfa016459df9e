import type { EpochDay } from "../contracts/time.ts";

/**
 * What an entity (a director, a company, a genre, all films) had to show and when: one event per mature film.
 * Keeping the events, not a running total, lets one value answer for every `asOf`, in training and in serving alike.
 */
export interface TrackRecord {
  /** Event days, ascending. */
  readonly days: Int32Array;
  /** Each event's value: a film's rating, or its rating minus the climate of its day (0–10 scale). */
  readonly values: Float64Array;
  /** totals[i] = sum of values[0…i-1]; one longer than values. */
  readonly totals: Float64Array;
  /** bests[i] = max of values[0…i]. */
  readonly bests: Float64Array;
}

/** An entity's record as it stood at the start of a day. */
export interface RecordSummary {
  /** Number of events strictly before the day. */
  count: number;
  /** Sum of their values. */
  total: number;
  /** Value of the latest event; NaN without one. */
  last: number;
  /** Largest value; NaN without an event. */
  best: number;
  /** Days from the latest event to the day; NaN without one. */
  daysSinceLast: number;
}

const EMPTY: RecordSummary = { count: 0, total: 0, last: Number.NaN, best: Number.NaN, daysSinceLast: Number.NaN };

/** @param events in ascending order of day; equal days keep the order given, which decides the sums' last bits */
export function createTrackRecord(events: readonly { day: number; value: number }[]): TrackRecord {
  return fromArrays(
    Int32Array.from(events, (event) => event.day),
    Float64Array.from(events, (event) => event.value),
  );
}

function fromArrays(days: Int32Array, values: Float64Array): TrackRecord {
  const totals = new Float64Array(values.length + 1);
  const bests = new Float64Array(values.length);
  let best = Number.NEGATIVE_INFINITY;
  values.forEach((value, i) => {
    totals[i + 1] = (totals[i] ?? 0) + value;
    best = Math.max(best, value);
    bests[i] = best;
  });
  return { days, values, totals, bests };
}

/** Only events strictly before `asOf` count: what happened on the day itself is not yet known at its start. */
export function summarise(record: TrackRecord | undefined, asOf: EpochDay): RecordSummary {
  const count = record ? countBefore(record.days, asOf) : 0;
  if (!record || count === 0) return EMPTY;
  return {
    count,
    total: at(record.totals, count),
    last: at(record.values, count - 1),
    best: at(record.bests, count - 1),
    daysSinceLast: asOf - at(record.days, count - 1),
  };
}

/** Mean value of the latest `window` events strictly before `asOf`; NaN without any. */
export function trailingMean(record: TrackRecord | undefined, asOf: EpochDay, window: number): number {
  const count = record ? countBefore(record.days, asOf) : 0;
  if (!record || count === 0) return Number.NaN;
  const from = Math.max(0, count - window);
  return (at(record.totals, count) - at(record.totals, from)) / (count - from);
}

/** First index whose day is not before `asOf`, by bisection. */
function countBefore(days: Int32Array, asOf: EpochDay): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(days, middle) < asOf) low = middle + 1;
    else high = middle;
  }
  return low;
}

function at(array: Int32Array | Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}

/** Little-endian: event count (uint32), padding (4 bytes), values (float64 each), days (int32 each). */
export function encodeTrackRecord({ days, values }: TrackRecord): Uint8Array {
  const bytes = new Uint8Array(8 + values.length * 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, values.length, true);
  values.forEach((value, i) => {
    view.setFloat64(8 + i * 8, value, true);
  });
  const daysAt = 8 + values.length * 8;
  days.forEach((day, i) => {
    view.setInt32(daysAt + i * 4, day, true);
  });
  return bytes;
}

/** The inverse of encodeTrackRecord, to the bit. */
export function decodeTrackRecord(bytes: Uint8Array): TrackRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  const values = Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 + i * 8, true));
  const days = Int32Array.from({ length: count }, (_, i) => view.getInt32(8 + count * 8 + i * 4, true));
  return fromArrays(days, values);
}
