import type { EpochDay } from "../contracts/time.ts";

/**
 * What an entity (a director, a company, a genre, all films) had to show and when: one state per day on which something
 * happened, as it stood at that day's end. Keeping the series, not a running total, lets one value answer for every
 * `asOf`, in training and in serving alike; keeping states, not events, bounds it by days however many films there are.
 */
export interface TrackRecord {
  /** Numbers per state: STATE_WIDTH, or one more where the record has a trailing mean. */
  readonly width: number;
  /** State after state in ascending order of day: day, count, total, last, best[, trailing mean]. */
  readonly states: readonly number[];
}

/** A state's numbers: the day; events up to and including it; their sum; the latest of them; the largest; the mean of the latest few. */
const [DAY, COUNT, TOTAL, LAST, BEST, RECENT] = [0, 1, 2, 3, 4, 5];
const STATE_WIDTH = 5;

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

export interface RecordEvent {
  day: number;
  /** A film's rating, or its rating minus the climate of its day (0–10 scale), or what else the record adds up. */
  value: number;
}

/** A record to which events are still added, in ascending order of day. */
export interface GrowingRecord extends TrackRecord {
  readonly states: number[];
}

/** @param trailingEvents of how many events the trailing mean is; no trailing mean is kept unless given */
export function createTrackRecord(events: readonly RecordEvent[], trailingEvents?: number): TrackRecord {
  const record: GrowingRecord = { width: trailingEvents === undefined ? STATE_WIDTH : STATE_WIDTH + 1, states: [] };
  const totals = [0];
  for (const event of events) {
    addEvent(record, event);
    if (trailingEvents === undefined) continue;
    const at = record.states.length - record.width;
    totals.push(number(record.states, at + TOTAL));
    const from = Math.max(0, totals.length - 1 - trailingEvents);
    record.states[at + RECENT] =
      (number(totals, totals.length - 1) - number(totals, from)) / (totals.length - 1 - from);
  }
  return record;
}

/** A record of one event. Most records stay so, and written at once their array takes no room for more. */
export function startRecord({ day, value }: RecordEvent): GrowingRecord {
  // A sum begins at 0, and so is never -0.
  return { width: STATE_WIDTH, states: [day, 1, 0 + value, value, value] };
}

/** @param event not before those that are there; of equal days the order given decides the sums' last bits */
export function addEvent({ states, width }: GrowingRecord, { day, value }: RecordEvent): void {
  const latest = states.length - width;
  const count = latest < 0 ? 0 : number(states, latest + COUNT);
  const total = latest < 0 ? 0 : number(states, latest + TOTAL);
  const best = latest < 0 ? Number.NEGATIVE_INFINITY : number(states, latest + BEST);
  const at = latest >= 0 && states[latest + DAY] === day ? latest : states.length;
  states[at + DAY] = day;
  states[at + COUNT] = count + 1;
  states[at + TOTAL] = total + value;
  states[at + LAST] = value;
  states[at + BEST] = Math.max(best, value);
  if (width > STATE_WIDTH && at > latest) states[at + RECENT] = Number.NaN;
}

/** Only events strictly before `asOf` count: what happened on the day itself is not yet known at its start. */
export function summarise(record: TrackRecord | undefined, asOf: EpochDay): RecordSummary {
  const at = record ? stateBefore(record, asOf) : -1;
  if (!record || at < 0) return EMPTY;
  const { states } = record;
  return {
    count: number(states, at + COUNT),
    total: number(states, at + TOTAL),
    last: number(states, at + LAST),
    best: number(states, at + BEST),
    daysSinceLast: asOf - number(states, at + DAY),
  };
}

/** Mean value of the latest events strictly before `asOf`, as many as the record was made with; NaN without any. */
export function trailingMean(record: TrackRecord | undefined, asOf: EpochDay): number {
  const at = record ? stateBefore(record, asOf) : -1;
  return record && at >= 0 && record.width > STATE_WIDTH ? number(record.states, at + RECENT) : Number.NaN;
}

/** How many states there are: days on which something happened. */
export function stateCount({ states, width }: TrackRecord): number {
  return states.length / width;
}

/** The days of the first and of the last state; undefined where there is none. */
export function daySpan({ states, width }: TrackRecord): { first: number; last: number } | undefined {
  if (states.length === 0) return undefined;
  return { first: number(states, DAY), last: number(states, states.length - width + DAY) };
}

/** The states from the last one before `from` on, up to those before `to`: what every day in between asks for. */
export function sliceRecord(record: TrackRecord, from: EpochDay, to: EpochDay): TrackRecord {
  const { width, states } = record;
  return { width, states: states.slice(Math.max(0, stateBefore(record, from)), stateBefore(record, to) + width) };
}

/** Where the latest state before `asOf` begins, by bisection; -width where there is none. */
function stateBefore({ states, width }: TrackRecord, asOf: EpochDay): number {
  let low = 0;
  let high = states.length / width;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (number(states, middle * width + DAY) < asOf) low = middle + 1;
    else high = middle;
  }
  return (low - 1) * width;
}

function number(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.NaN;
}

const HEADER_BYTES = 8;

/** Little-endian: numbers per state (uint32), padding (4 bytes), the states' numbers (float64 each): 40 bytes per day. */
export function encodeTrackRecord({ width, states }: TrackRecord): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + states.length * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width, true);
  states.forEach((value, i) => {
    view.setFloat64(HEADER_BYTES + i * 8, value, true);
  });
  return bytes;
}

/** The inverse of encodeTrackRecord, to the bit. */
export function decodeTrackRecord(bytes: Uint8Array): TrackRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = (bytes.byteLength - HEADER_BYTES) / 8;
  return {
    width: view.getUint32(0, true),
    states: Array.from({ length: numbers }, (_, i) => view.getFloat64(HEADER_BYTES + i * 8, true)),
  };
}
