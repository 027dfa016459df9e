import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { createClimateRecord } from "@marquee/shared/features/climate-view";
import { decodeFeatureRow, encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import type { RecordKey } from "@marquee/shared/features/feature-view";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { recordEntries } from "@marquee/shared/features/record-chunks";
import { createTrackRecord, encodeTrackRecord, type TrackRecord } from "@marquee/shared/features/track-record";
import { MarqueeError } from "@marquee/shared/service/errors";
import { beforeEach, describe, expect, test } from "vitest";
import { CLOCK, createPredictorHarness, type PredictorHarness } from "../../test/predictor-harness.ts";
import { FOREIGN, GIVEN_GROUPS, MATRIX, materialiseCatalog, writeCatalog } from "../../test/small-catalog.ts";

const TWO_DAYS = 48 * 3600;
const TWO_DAYS_AGO = new Date(CLOCK.now().getTime() - TWO_DAYS * 1000);
const TTL_SECONDS = 26 * 3600;
const ROW_KEYS = RATING_VIEWS.map((view) => onlineRowKey(view, MATRIX.tmdbId));

/** The view whose columns are told under `director` alone. */
const [DIRECTOR_VIEW, DIRECTOR_ROW] = viewNamed("director_track_record");

function viewNamed(name: string): [view: (typeof RATING_VIEWS)[number], row: OnlineKey] {
  const view = RATING_VIEWS.find((each) => each.name === name);
  if (!view) throw new MarqueeError("INTERNAL", `There is no view ${name}.`);
  return [view, onlineRowKey(view, MATRIX.tmdbId)];
}

const same = (a: OnlineKey) => (b: OnlineKey) => a.view === b.view && a.entity === b.entity;

let harness: PredictorHarness;
beforeEach(() => {
  harness = createPredictorHarness();
});

/** What the answer says of its features, how they came, and after how many reads. */
async function told(movie: object, more: object = {}) {
  harness.reads = 0;
  const { features, asOf } = await harness.predict(movie, more);
  const [answer] = harness.answered;
  const { stale, ageSeconds } = features;
  return { origin: answer?.features.origin, stale, ageSeconds, asOf, reads: harness.reads };
}

const READ = { origin: "read", stale: [], ageSeconds: 0, asOf: MATRIX.releaseDate, reads: 1 };
const COMPUTED = { ...READ, origin: "computed", reads: 3 };

interface Way {
  sentence: string;
  online: (store: PredictorHarness["onlineStore"]) => Promise<void>;
  asOf?: string;
  becomes: object;
}

const WAYS: readonly Way[] = [
  {
    sentence: "all of whose views are there is read",
    online: (store) => materialiseCatalog(store, CLOCK.now()),
    becomes: READ,
  },
  {
    sentence: "one of whose views is stale is read, and the view's groups are told",
    online: async (store) => {
      await writeCatalog(store, TWO_DAYS_AGO, same(DIRECTOR_ROW));
      await writeCatalog(store, CLOCK.now(), (entry) => !same(DIRECTOR_ROW)(entry));
    },
    becomes: { ...READ, stale: ["director"], ageSeconds: TWO_DAYS },
  },
  {
    sentence: "all of whose views are stale is read, and everything that it has is told",
    online: (store) => writeCatalog(store, TWO_DAYS_AGO),
    becomes: { ...READ, stale: ["climate", ...GIVEN_GROUPS], ageSeconds: TWO_DAYS },
  },
  {
    sentence: "that was written long ago and confirmed today is fresh",
    online: async (store) => {
      await materialiseCatalog(store, TWO_DAYS_AGO);
      for (const { view } of ROW_KEYS) await store.confirm(view, { at: CLOCK.now(), source: "unchanged" });
    },
    becomes: READ,
  },
  {
    sentence: "one of whose views is missing is computed, not answered with a hole",
    online: async (store) => {
      await materialiseCatalog(store, CLOCK.now());
      await store.remove([DIRECTOR_ROW]);
    },
    becomes: COMPUTED,
  },
  {
    sentence: "one of whose views lies there in another version alone is computed",
    online: async (store) => {
      await materialiseCatalog(store, CLOCK.now());
      const [read] = await store.read([DIRECTOR_ROW]);
      if (read?.status !== "present") return;
      const other = onlineRowKey({ ...DIRECTOR_VIEW, version: DIRECTOR_VIEW.version + 1 }, MATRIX.tmdbId);
      await store.write([{ ...other, value: read.value, materializedAt: CLOCK.now(), ttlSeconds: TTL_SECONDS }]);
      await store.remove([DIRECTOR_ROW]);
    },
    becomes: COMPUTED,
  },
  {
    sentence: "one of whose views stands on another day than the rest is computed",
    online: async (store) => {
      await materialiseCatalog(store, CLOCK.now());
      const [read] = await store.read([DIRECTOR_ROW]);
      if (read?.status !== "present") return;
      const { values } = decodeFeatureRow(DIRECTOR_VIEW, read.value);
      const value = encodeFeatureRow({ eventTime: Date.parse("1999-03-29"), values });
      await store.write([{ ...DIRECTOR_ROW, value, materializedAt: CLOCK.now(), ttlSeconds: TTL_SECONDS }]);
    },
    becomes: COMPUTED,
  },
  {
    sentence: "that is asked as of another day is computed",
    online: (store) => materialiseCatalog(store, CLOCK.now()),
    asOf: "1998-01-01",
    becomes: { ...COMPUTED, asOf: "1998-01-01" },
  },
];

describe("a film of the catalog", () => {
  test.each(WAYS)("$sentence", async ({ online, asOf, becomes }) => {
    await online(harness.onlineStore);
    expect(await told({ tmdbId: MATRIX.tmdbId }, asOf === undefined ? {} : { asOf })).toEqual(becomes);
  });

  test("of which only another release's views and no facts are there has to wait for the next materialisation", async () => {
    await materialiseCatalog(harness.onlineStore, CLOCK.now());
    await expect(told({ tmdbId: FOREIGN.tmdbId })).rejects.toMatchObject({ code: "NOT_READY", retryAfterSeconds: 60 });
  });

  test("has to wait a moment while the online store is away", async () => {
    harness.onlineStore.read = () => Promise.reject(new MarqueeError("ONLINE_STORE_UNAVAILABLE", "Away."));
    await expect(told({ tmdbId: MATRIX.tmdbId })).rejects.toMatchObject({ code: "NOT_READY", retryAfterSeconds: 2 });
  });

  test("is counted by view as a hit, a stale one or a miss", async () => {
    await materialiseCatalog(harness.onlineStore, CLOCK.now());
    await harness.onlineStore.remove([DIRECTOR_ROW]);
    await told({ tmdbId: MATRIX.tmdbId });
    const text = await harness.metrics.text();
    expect(text).toMatch(/serving_view_reads_total\{view="director_track_record@\d+",status="missing",.*\} 1/);
    expect(text).toMatch(/serving_view_reads_total\{view="rating_climate@\d+",status="present",.*\} 1/);
  });
});

describe("records that lie in yearly chunks", () => {
  const LAST_YEAR = 2027;
  const first = epochDay("1990-06-01" as CalendarDate);
  const events = Array.from({ length: 400 }, (_, i) => ({ day: first + i * 20, value: 5 + Math.sin(i) }));
  const LONG: [RecordKey, TrackRecord][] = [
    ["climate:all", createClimateRecord(events)],
    ["director:9", createTrackRecord(events)],
  ];

  async function answers() {
    const movie = { title: "Long", runtime: 100, directors: ["Lana Wachowski"] };
    const days = ["1980-05-05", "1990-06-01", "1990-06-02", "1999-01-01", "2003-12-31", "2026-06-30"];
    return Promise.all(days.map((asOf) => harness.predict(movie, { asOf, explain: true })));
  }

  test("answer as whole ones do, to the bit, on days before, in and after their span", async () => {
    const { onlineStore } = harness;
    const written = { materializedAt: CLOCK.now(), ttlSeconds: TTL_SECONDS };
    await materialiseCatalog(onlineStore, CLOCK.now());
    await onlineStore.write(
      LONG.map(([key, record]) => ({ ...ONLINE.record(key), value: encodeTrackRecord(record), ...written })),
    );
    const whole = await answers();
    await onlineStore.remove(LONG.map(([key]) => ONLINE.record(key)));
    const chunks = LONG.flatMap(([key, record]) => recordEntries(key, record, LAST_YEAR));
    expect(chunks.length).toBeGreaterThan(LONG.length);
    await onlineStore.write(chunks.map((entry) => ({ ...entry, ...written })));
    expect(await answers()).toEqual(whole);
    expect(new Set(whole.map(({ rating }) => rating)).size).toBeGreaterThan(3);
  });
});
