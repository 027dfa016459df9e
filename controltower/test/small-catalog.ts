import type { OnlineStore, OnlineWrite } from "@marquee/shared/backing/online-store/online-store";
import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { createClimateRecord } from "@marquee/shared/features/climate-view";
import { computeFeatures } from "@marquee/shared/features/compute-features";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import type { RecordKey } from "@marquee/shared/features/feature-view";
import { encodeFilmFacts, type FilmFacts, UNKNOWN_FILM } from "@marquee/shared/features/film-facts";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import { encodeCard, encodeText, ONLINE } from "@marquee/shared/features/online-layout";
import { createTrackRecord, encodeTrackRecord, type TrackRecord } from "@marquee/shared/features/track-record";
import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/view-columns";
import { ALL_GROUPS } from "../src/serving/feature-draft.ts";

/** The day of all tests that stand in this catalog. */
export const TODAY = "2026-07-01";
export const MATRIX = {
  tmdbId: 603 as TmdbId,
  imdbId: "tt0133093" as ImdbId,
  releaseDate: "1999-03-30" as CalendarDate,
};
export const SEQUEL = { tmdbId: 604 as TmdbId, releaseDate: "2027-05-01" as CalendarDate };
/** In the catalog, but its features were made by the views of another release and its facts are not online. */
export const FOREIGN = { tmdbId: 605 as TmdbId };

/** What its films have, beside the level of ratings. */
export const GIVEN_GROUPS = ALL_GROUPS.filter((group) => group !== "climate" && group !== "collection");

const day = (date: string) => epochDay(date as CalendarDate);

/** The mean of the films before: 6 until 2010, 7 from 2012 on. */
const CLIMATE = createClimateRecord([
  { day: day("1990-01-01"), value: 6 },
  { day: day("1995-01-01"), value: 6 },
  { day: day("2010-01-01"), value: 8 },
  { day: day("2011-01-01"), value: 8 },
]);

/** Director 9: a film of +2 in 1996 and one of −1 in 2008. Shrunk by 2 films: 2 / 3 after the first, 1 / 4 after both. */
const DIRECTOR = createTrackRecord([
  { day: day("1996-10-04"), value: 2 },
  { day: day("2008-05-09"), value: -1 },
]);

const RECORDS = new Map<RecordKey, TrackRecord>([
  ["climate:all", CLIMATE],
  ["director:9", DIRECTOR],
]);

const MATRIX_FACTS: FilmFacts = {
  ...UNKNOWN_FILM,
  title: "The Matrix",
  overview: "A computer hacker learns what the world around him is.",
  releaseDay: day(MATRIX.releaseDate),
  runtimeMinutes: 136,
  budgetUsd: 63_000_000,
  language: "en",
  genreIds: [28, 878],
  directorIds: [9],
  writerIds: [9],
  castIds: [1, 2],
  companyIds: [79],
};

const SEQUEL_FACTS: FilmFacts = {
  ...MATRIX_FACTS,
  title: "The Sequel",
  releaseDay: day(SEQUEL.releaseDate),
  runtimeMinutes: 150,
};

type Entry = Omit<OnlineWrite, "materializedAt" | "ttlSeconds">;

/** A row per view of the rating model. @param release added to their versions: 0 is this one's */
function rowsOf(tmdbId: TmdbId, film: FilmFacts, asOf: string, release = 0): Entry[] {
  const record = (key: RecordKey) => RECORDS.get(key);
  return RATING_VIEWS.map((view) => ({
    ...onlineRowKey({ ...view, version: view.version + release }, tmdbId),
    value: encodeFeatureRow({
      eventTime: Date.parse(asOf),
      values: computeFeatures({ film, asOf: day(asOf), record }, [view]),
    }),
  }));
}

/** All that materialisation would have written on TODAY. */
const ENTRIES: readonly Entry[] = [
  ...rowsOf(MATRIX.tmdbId, MATRIX_FACTS, MATRIX.releaseDate),
  { ...ONLINE.facts(MATRIX.tmdbId), value: encodeFilmFacts(MATRIX_FACTS) },
  {
    ...ONLINE.card(MATRIX.tmdbId),
    value: encodeCard({ ...MATRIX, title: "The Matrix", actual: { rating: 8.7, votes: 2_000_000 } }),
  },
  { ...ONLINE.byImdb(MATRIX.imdbId), value: encodeText(MATRIX.tmdbId) },
  ...rowsOf(SEQUEL.tmdbId, SEQUEL_FACTS, TODAY),
  { ...ONLINE.facts(SEQUEL.tmdbId), value: encodeFilmFacts(SEQUEL_FACTS) },
  { ...ONLINE.card(SEQUEL.tmdbId), value: encodeCard({ ...SEQUEL, title: "The Sequel" }) },
  ...rowsOf(FOREIGN.tmdbId, MATRIX_FACTS, TODAY, 1),
  { ...ONLINE.card(FOREIGN.tmdbId), value: encodeCard({ ...FOREIGN, title: "The Foreigner" }) },
  ...[...RECORDS].map(([key, record]) => ({ ...ONLINE.record(key), value: encodeTrackRecord(record) })),
  { ...ONLINE.personName("Lana Wachowski"), value: encodeText(9) },
  { ...ONLINE.companyName("Village Roadshow Pictures"), value: encodeText(79) },
];

/** Every view that has something of the catalog. */
export const CATALOG_VIEWS: readonly string[] = [...new Set(ENTRIES.map(({ view }) => view))];

/** Writes the catalog as of a moment, and confirms its views. */
export async function materialiseCatalog(onlineStore: OnlineStore, at: Date): Promise<void> {
  await writeCatalog(onlineStore, at);
  for (const view of CATALOG_VIEWS) await onlineStore.confirm(view, { at, source: "the small catalog" });
}

/** Writes those of the catalog's entries that are wanted, as a materialisation that was cut off. */
export async function writeCatalog(
  onlineStore: OnlineStore,
  materializedAt: Date,
  wanted: (entry: Entry) => boolean = () => true,
): Promise<void> {
  await onlineStore.write(
    ENTRIES.filter(wanted).map((entry) => ({ ...entry, materializedAt, ttlSeconds: FEATURE_TTL_SECONDS })),
  );
}
