import { describe, expect, it } from "vitest";
import type { OnlineRead } from "../backing/online-store/online-store.ts";
import { type CalendarDate, type EpochDay, epochDay } from "../contracts/time.ts";
import { chunksOf, recordEntries, recordFrom, recordReads } from "./record-chunks.ts";
import { createTrackRecord, decodeTrackRecord, summarise, type TrackRecord, trailingMean } from "./track-record.ts";

const on = (date: string) => epochDay(date as CalendarDate);

/** A day with one to three events every `everyDays` from 1999 to the end of 2003. */
function recordOf(everyDays: number): TrackRecord {
  const from = on("1999-01-01");
  const events = Array.from({ length: Math.floor((5 * 365) / everyDays) }, (_, i) =>
    Array.from({ length: 1 + (i % 3) }, (_, j) => ({ day: from + i * everyDays, value: Math.sin(i * 7 + j) })),
  );
  return createTrackRecord(events.flat(), 40);
}

function answersAt(record: TrackRecord | undefined, asOf: EpochDay): unknown {
  const monthBefore = (asOf - 28) as EpochDay;
  return [summarise(record, asOf), trailingMean(record, asOf), summarise(record, monthBefore)];
}

describe("a long record in yearly chunks", () => {
  const record = recordOf(5);
  const chunks = new Map(chunksOf(record, 2005).map((chunk) => [chunk.year, chunk.record]));

  it.each([1999, 2000, 2001, 2003, 2004, 2005])("answers for every day of %d as the whole does, to the bit", (year) => {
    for (let day = on(`${year}-01-01`); day <= on(`${year}-12-31`); day = (day + 1) as EpochDay) {
      expect(answersAt(chunks.get(year), day)).toEqual(answersAt(record, day));
    }
  });

  it("has a chunk for each year from its first to the last that anyone asks for", () => {
    expect([...chunks.keys()]).toEqual([1999, 2000, 2001, 2002, 2003, 2004, 2005]);
  });

  it("is found under the year of the day that is asked for", () => {
    const online = new Map(recordEntries("climate:all", record, 2005).map(({ entity, value }) => [entity, value]));
    const day = on("2001-06-30");
    const found = online.get(recordReads("climate:all", day).chunk.entity);
    expect(found && answersAt(decodeTrackRecord(found), day)).toEqual(answersAt(record, day));
    expect(online.has(recordReads("climate:all", day).whole.entity)).toBe(false);
  });
});

describe("a short record", () => {
  it("lies whole, and where the day is asked for makes no difference", () => {
    const record = recordOf(30);
    expect(chunksOf(record, 2005)).toEqual([{ year: undefined, record }]);
    const [entry] = recordEntries("director:7", record, 2005);
    expect(entry).toMatchObject(recordReads("director:7", on("1950-01-01")).whole);
  });
});

describe("of a record that is read whole and as a chunk", () => {
  const read = (ageSeconds: number): OnlineRead => ({ status: "present", value: new Uint8Array(1), ageSeconds });
  const missing: OnlineRead = { status: "missing" };
  const [newer, older] = [read(1), read(2)];

  it.each([
    ["the whole", "only it is there", older, missing, older],
    ["the chunk", "only it is there", missing, older, older],
    ["the chunk", "it was written later", older, newer, newer],
    ["the whole", "it was written later", newer, older, newer],
    ["nothing", "neither is there", missing, missing, missing],
  ])("%s is taken where %s", (_which, _why, whole, chunk, expected) => {
    expect(recordFrom(whole, chunk)).toBe(expected);
  });
});
