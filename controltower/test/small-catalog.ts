import type { OnlineStore, OnlineWrite } from "@marquee/shared/backing/online-store/online-store";
import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { computeFeatures } from "@marquee/shared/features/compute-features";
import type { RecordKey } from "@marquee/shared/features/feature-view";
import { encodeFilmFacts, type FilmFacts } from "@marquee/shared/features/film-facts";
import { FEATURE_TTL_SECONDS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { encodeCard, encodeText, encodeVector, ONLINE } from "@marquee/shared/features/online-layout";
import { createTrackRecord, encodeTrackRecord, type TrackRecord } from "@marquee/shared/features/track-record";

/** The day of all tests that stand in this catalog. */
export const TODAY = "2026-07-01";
export const MATRIX = {
  tmdbId: 603 as TmdbId,
  imdbId: "tt0133093" as ImdbId,
  releaseDate: "1999-03-30" as CalendarDate,
};
export const SEQUEL = { tmdbId: 604 as TmdbId, releaseDate: "2027-05-01" as CalendarDate };
/** In the catalog, but its vector was made by other views and its facts are not online. */
export const FOREIGN = { tmdbId: 605 as TmdbId };

const day = (date: string) => epochDay(date as CalendarDate);

/** The mean of the films before: 6 until 2010, 7 from 2012 on. */
const CLIMATE = createTrackRecord([
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
  releaseDay: day(MATRIX.releaseDate),
  runtimeMinutes: 136,
  budgetUsd: 63_000_000,
  language: "en",
  genreIds: [28, 878],
  directorIds: [9],
  writerIds: [9],
  castIds: [1, 2],
  companyIds: [79],
  collectionId: undefined,
};

const SEQUEL_FACTS: FilmFacts = { ...MATRIX_FACTS, releaseDay: day(SEQUEL.releaseDate), runtimeMinutes: 150 };

type Entry = Omit<OnlineWrite, "materializedAt" | "ttlSeconds">;

function vectorOf(film: FilmFacts, asOf: string, viewsHash = RATING_VIEWS_HASH): Uint8Array {
  const values = computeFeatures({ film, asOf: day(asOf), record: (key) => RECORDS.get(key) });
  return encodeVector({ asOf: day(asOf), viewsHash, values });
}

/** All that materialisation would have written on TODAY. */
const ENTRIES: readonly Entry[] = [
  { ...ONLINE.features(MATRIX.tmdbId), value: vectorOf(MATRIX_FACTS, MATRIX.releaseDate) },
  { ...ONLINE.facts(MATRIX.tmdbId), value: encodeFilmFacts(MATRIX_FACTS) },
  {
    ...ONLINE.card(MATRIX.tmdbId),
    value: encodeCard({ ...MATRIX, title: "The Matrix", actual: { rating: 8.7, votes: 2_000_000 } }),
  },
  { ...ONLINE.byImdb(MATRIX.imdbId), value: encodeText(MATRIX.tmdbId) },
  { ...ONLINE.features(SEQUEL.tmdbId), value: vectorOf(SEQUEL_FACTS, TODAY) },
  { ...ONLINE.facts(SEQUEL.tmdbId), value: encodeFilmFacts(SEQUEL_FACTS) },
  { ...ONLINE.card(SEQUEL.tmdbId), value: encodeCard({ ...SEQUEL, title: "The Sequel" }) },
  { ...ONLINE.features(FOREIGN.tmdbId), value: vectorOf(MATRIX_FACTS, TODAY, "0".repeat(64)) },
  { ...ONLINE.card(FOREIGN.tmdbId), value: encodeCard({ ...FOREIGN, title: "The Foreigner" }) },
  ...[...RECORDS].map(([key, record]) => ({ ...ONLINE.record(key), value: encodeTrackRecord(record) })),
  { ...ONLINE.personName("Lana Wachowski"), value: encodeText(9) },
  { ...ONLINE.companyName("Village Roadshow Pictures"), value: encodeText(79) },
];

/** Writes the catalog, or those of its entries that are wanted, as of a moment. */
export async function materialiseCatalog(
  onlineStore: OnlineStore,
  materializedAt: Date,
  wanted: (entry: Entry) => boolean = () => true,
): Promise<void> {
  await onlineStore.write(
    ENTRIES.filter(wanted).map((entry) => ({ ...entry, materializedAt, ttlSeconds: FEATURE_TTL_SECONDS })),
  );
}
