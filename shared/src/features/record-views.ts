import { calendarKeysOf } from "./competition-view.ts";
import { FILM } from "./entities.ts";
import type { FeatureGroup, FeatureInput, FeatureView, RecordKey, RecordKind } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { type RecordSummary, summarise } from "./track-record.ts";
import { columnsOf, DAYS_PER_YEAR, FEATURE_TTL_SECONDS, FILM_EVENT_TIME } from "./view-columns.ts";

/**
 * One view per kind of entity that has a record. Values of records are residuals (rating − climate of its day), and a
 * mean over few films is drawn towards zero: sum / (n + shrinkage). Shrinkage by kind as measured on films of
 * 2006–2011: a director's two films say as much as the prior, a genre's thirty.
 */
interface RecordViewSpec {
  kind: RecordKind;
  version: number;
  group: FeatureGroup;
  shrinkage: number;
  words: string;
  /** Tables of the catalog that say which film is whose, beside those of films and ratings. */
  links: readonly string[];
  measures: readonly Measure[];
  /** Without one earlier film nothing is said, not even that there is none. */
  onlyWithFilms?: boolean;
  /** Whether a film without anything on record is one of which nothing is known. */
  unknownWithoutRecord?: boolean;
  /** The film's records of the kind: undefined where it has none, null members for someone who is not known to us. */
  records(film: FilmFacts): readonly (RecordKey | null)[] | undefined;
}

type Measure = "films" | "mean" | "last" | "best" | "years_since";
const ALL_MEASURES: readonly Measure[] = ["films", "mean", "last", "best", "years_since"];

function spec(
  kind: RecordKind,
  group: FeatureGroup,
  shrinkage: number,
  words: string,
  entities: (film: FilmFacts) => readonly (number | null)[] | undefined,
): RecordViewSpec {
  const keyOf = (id: number | null): RecordKey | null => (id === null ? null : `${kind}:${id}`);
  return {
    kind,
    version: 2,
    group,
    shrinkage,
    words,
    links: ["credits"],
    measures: ALL_MEASURES,
    records: (film) => entities(film)?.map(keyOf),
  };
}

const SPECS: readonly RecordViewSpec[] = [
  spec("director", "director", 2, "the director", (film) => film.directorIds),
  spec("writer", "writers", 4, "the writers", (film) => film.writerIds),
  {
    ...spec("composer", "writers", 4, "the composers", (film) => film.composerIds),
    version: 1,
    // A quarter of the films have no composer told, the little known ones: that alone must not tell them apart.
    unknownWithoutRecord: true,
  },
  spec("cast", "cast", 3, "the lead cast", (film) => film.castIds),
  { ...spec("company", "companies", 8, "the companies", (film) => film.companyIds), links: ["movie_companies"] },
  { ...spec("genre", "genres", 30, "the genres", (film) => film.genreIds), links: ["movie_genres"] },
  {
    ...spec("collection", "collection", 1, "the collection", ({ collectionId }) =>
      collectionId === undefined ? undefined : [collectionId],
    ),
    // A film itself names its collection.
    links: [],
    // TMDB makes a collection when a second film is announced: to say of the first "none before" would tell its success.
    onlyWithFilms: true,
  },
  {
    kind: "pairing",
    version: 1,
    group: "director",
    shrinkage: 2,
    words: "the director together with one of the lead cast or the writers",
    links: ["credits"],
    measures: ["films", "mean", "last"],
    records: pairingsOf,
  },
];

/** Beyond so many pairs a list says more of its length; and a request that names 500 directors and writers has 250,000. */
const MAX_PAIRINGS = 60;

/** Each director with each of the lead cast and each writer who is someone else; the first MAX_PAIRINGS. */
function pairingsOf({ directorIds, castIds, writerIds }: FilmFacts): (RecordKey | null)[] {
  const everyone = [...(castIds ?? []), ...(writerIds ?? [])];
  const [known, unknown] = [everyone.filter((id) => id !== null), everyone.filter((id) => id === null)];
  // Those whom we do not know are newcomers, each another.
  const partners = [...new Set(known), ...unknown].slice(0, MAX_PAIRINGS + 1);
  const pairings = (directorIds ?? []).slice(0, MAX_PAIRINGS).flatMap((director) =>
    partners.flatMap((partner): (RecordKey | null)[] => {
      if (director === null || partner === null) return [null];
      return director === partner ? [] : [`pairing:${director}x${partner}`];
    }),
  );
  return pairings.slice(0, MAX_PAIRINGS);
}

/** The part of an explanation that a record's columns are told under; the climate has a view of its own. */
export function groupOfRecord(key: RecordKey): FeatureGroup {
  if (key.startsWith("calendar:")) return "release";
  return SPECS.find(({ kind }) => key.startsWith(`${kind}:`))?.group ?? "climate";
}

/** The keys of all records that the views of this film will ask for; what serving fetches in one round trip. */
export function recordKeysOf(film: FilmFacts): RecordKey[] {
  return ["climate:all", ...calendarKeysOf(film), ...recordedUnder(film)];
}

/** Under which keys a film's own outcome is later recorded. */
export function recordedUnder(film: FilmFacts): RecordKey[] {
  return [...new Set(SPECS.flatMap(({ records }) => (records(film) ?? []).filter((key) => key !== null)))];
}

function recordView(spec: RecordViewSpec): FeatureView {
  const column = columnsOf(spec.group);
  const columns = {
    films: column(`${spec.kind}_films`, "log(1+n)", `Number of rated films that ${spec.words} had before`),
    mean: column(
      `${spec.kind}_mean`,
      "rating points",
      `Mean of them over the rating level of their days, shrunk by ${spec.shrinkage} ${spec.shrinkage === 1 ? "film" : "films"}`,
    ),
    last: column(`${spec.kind}_last`, "rating points", "The latest of them over the rating level of its day"),
    best: column(`${spec.kind}_best`, "rating points", "The best of them over the rating level of its day"),
    years_since: column(`${spec.kind}_years_since`, "log(1+years)", "Time since the latest of them"),
  };
  return {
    name: `${spec.kind}_track_record`,
    version: spec.version,
    entity: FILM,
    owner: "workhorse",
    description: `What ${spec.words} had to show before`,
    eventTime: FILM_EVENT_TIME,
    source: ["movies", ...spec.links, "imdb_ratings"],
    ttlSeconds: FEATURE_TTL_SECONDS,
    columns: spec.measures.map((measure) => columns[measure]),
    compute: (input) => recordColumns(spec, input),
  };
}

/** Means over the entities given; all unknown when none was given, since that says nothing of them. */
function recordColumns(spec: RecordViewSpec, { film, asOf, record }: FeatureInput): number[] {
  const keys = spec.records(film) ?? [];
  const summaries = keys.map((key) => summarise(key === null ? undefined : record(key), asOf));
  const onRecord = spec.unknownWithoutRecord ? summaries.filter(({ count }) => count > 0) : summaries;
  if (onRecord.length === 0) return spec.measures.map(() => Number.NaN);
  if (spec.onlyWithFilms && summaries.every(({ count }) => count === 0)) return spec.measures.map(() => Number.NaN);
  const mean = (value: (summary: RecordSummary) => number) => meanOfKnown(onRecord.map(value));
  const measured: Record<Measure, () => number> = {
    films: () => Math.log1p(mean(({ count }) => count)),
    mean: () => mean(({ count, total }) => total / (count + spec.shrinkage)),
    last: () => mean(({ last }) => last),
    best: () => mean(({ best }) => best),
    years_since: () => Math.log1p(mean(({ daysSinceLast }) => daysSinceLast / DAYS_PER_YEAR)),
  };
  return spec.measures.map((measure) => measured[measure]());
}

function meanOfKnown(values: readonly number[]): number {
  const kept = values.filter((value) => !Number.isNaN(value));
  return kept.length === 0 ? Number.NaN : kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

export const recordViews: readonly FeatureView[] = SPECS.map(recordView);
