import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryOnlineStore } from "../backing/online-store/memory-online-store.ts";
import type { OnlineKey, OnlineRead, OnlineStore } from "../backing/online-store/online-store.ts";
import { type CalendarDate, type EpochDay, epochDay } from "../contracts/time.ts";
import { fixedClock } from "../service/clock.ts";
import { createClimateRecord } from "./climate-view.ts";
import { computeFeatures } from "./compute-features.ts";
import type { RecordKey } from "./feature-view.ts";
import { type FilmFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { createFreshness } from "./freshness.ts";
import { computeOnDemand, holdsRecords, onDemandKeys, recordsPresenceKeys } from "./on-demand.ts";
import { ONLINE } from "./online-layout.ts";
import { recordEntries } from "./record-chunks.ts";
import { createTrackRecord, encodeTrackRecord, type TrackRecord } from "./track-record.ts";

const CLOCK = fixedClock("2026-07-01T12:00:00Z");
const TODAY = epochDay("2026-07-01" as CalendarDate);
const LAST_YEAR = 2027;
const TTL_SECONDS = 3_600;

const FILM: FilmFacts = {
  ...UNKNOWN_FILM,
  title: "The Piano",
  releaseDay: epochDay("1993-05-19" as CalendarDate),
  genreIds: [18],
  directorIds: [9, null],
  castIds: [3],
};

/** Films at even distances, in days, the first 41 years ago. */
const eventsEvery = (days: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ day: TODAY - 15_000 + i * days, value: 6 + Math.cos(i) / 3 }));
const RECORDS = new Map<RecordKey, TrackRecord>([
  ["climate:all", createClimateRecord(eventsEvery(5, 2_900))],
  ["genre:18", createTrackRecord(eventsEvery(40, 350))],
  ["director:9", createTrackRecord(eventsEvery(900, 12))],
]);

let store: OnlineStore;
beforeEach(async () => {
  store = createMemoryOnlineStore(CLOCK);
});

const agedSeconds = (seconds: number) => ({
  materializedAt: new Date(CLOCK.now().getTime() - seconds * 1000),
  ttlSeconds: TTL_SECONDS,
});
const materialise = async () => {
  const entries = [...RECORDS].flatMap(([key, record]) => recordEntries(key, record, LAST_YEAR));
  await store.write(entries.map((entry) => ({ ...entry, ...agedSeconds(10) })));
};

/** As serving does: one read of all keys. */
async function computed(facts: FilmFacts, asOf: EpochDay) {
  const keys = [...recordsPresenceKeys(TODAY), ...onDemandKeys(facts, asOf)];
  const reads = await store.read(keys);
  const nameOf = ({ view, entity }: OnlineKey) => `${view} ${entity}`;
  const found = new Map(keys.map((key, i) => [nameOf(key), reads[i]]));
  const lookup = (key: OnlineKey): OnlineRead => {
    const read = found.get(nameOf(key));
    if (!read) throw new RangeError(`${nameOf(key)} was asked for and not read`);
    return read;
  };
  const freshness = createFreshness();
  const values = computeOnDemand(facts, asOf, lookup, { freshness });
  return { values, ...freshness, holds: holdsRecords(lookup, TODAY) };
}

const trained = (facts: FilmFacts, asOf: EpochDay) =>
  computeFeatures({ film: facts, asOf, record: (key) => RECORDS.get(key) });

describe("features on demand", () => {
  test.each(["1970-01-01", "1985-06-07", "1993-05-19", "1999-12-31", "2000-01-01", "2026-06-30", "2026-07-01"])(
    "as of %s equal those of training to the bit, from short records and from yearly chunks of long ones",
    async (date) => {
      await materialise();
      const asOf = epochDay(date as CalendarDate);
      const { values, holds } = await computed(FILM, asOf);
      expect([...values]).toEqual([...trained(FILM, asOf)]);
      expect(holds).toBe(true);
    },
  );

  test("of someone unknown are a newcomer's, not unknown", async () => {
    await materialise();
    const known = await computed(FILM, TODAY);
    const newcomer = await computed({ ...FILM, directorIds: [null] }, TODAY);
    expect(newcomer.values).not.toEqual(known.values);
    expect([...newcomer.values].filter(Number.isNaN).length).toBeLessThan(
      [...(await computed({ ...FILM, directorIds: undefined }, TODAY)).values].filter(Number.isNaN).length,
    );
  });

  test("are as old as the oldest record, whose group is stale", async () => {
    await materialise();
    const director = RECORDS.get("director:9");
    await store.remove([ONLINE.record("director:9")]);
    if (director) {
      await store.write([
        { ...ONLINE.record("director:9"), value: encodeTrackRecord(director), ...agedSeconds(TTL_SECONDS) },
      ]);
    }
    expect(await computed(FILM, TODAY)).toMatchObject({ stale: new Set(["director"]), ageSeconds: TTL_SECONDS });
  });

  test("of a record that has just been cut into years come from what was written later", async () => {
    await materialise();
    await store.write([
      { ...ONLINE.record("genre:18"), value: encodeTrackRecord(createTrackRecord([])), ...agedSeconds(20) },
    ]);
    expect([...(await computed(FILM, TODAY)).values]).toEqual([...trained(FILM, TODAY)]);
  });
});

describe("records", () => {
  test("are there even for a day before the first of them", async () => {
    await materialise();
    expect((await computed(FILM, epochDay("1900-01-01" as CalendarDate))).holds).toBe(true);
  });

  test("are not there in an empty store", async () => {
    expect((await computed(FILM, TODAY)).holds).toBe(false);
  });
});
