import type { FeatureColumn, FeatureGroup, FeatureInput, FeatureView, RecordKey, RecordKind } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { type RecordSummary, summarise } from "./track-record.ts";

const DAYS_PER_YEAR = 365.2425;
const TTL_SECONDS = 26 * 3600;

/**
 * One view per kind of entity that has a record. Values of records are residuals (rating − climate of its day), and a
 * mean over few films is drawn towards zero: sum / (n + shrinkage). Shrinkage by kind as measured on films of
 * 2006–2011: a director's two films say as much as the prior, a genre's thirty.
 */
interface RecordViewSpec {
  kind: RecordKind;
  group: FeatureGroup;
  shrinkage: number;
  words: string;
  entities(film: FilmFacts): readonly (number | null)[] | undefined;
}

const SPECS: readonly RecordViewSpec[] = [
  { kind: "director", group: "director", shrinkage: 2, words: "the director", entities: (film) => film.directorIds },
  { kind: "writer", group: "writers", shrinkage: 4, words: "the writers", entities: (film) => film.writerIds },
  { kind: "cast", group: "cast", shrinkage: 3, words: "the lead cast", entities: (film) => film.castIds },
  { kind: "company", group: "companies", shrinkage: 8, words: "the companies", entities: (film) => film.companyIds },
  { kind: "genre", group: "genres", shrinkage: 30, words: "the genres", entities: (film) => film.genreIds },
  {
    kind: "collection",
    group: "collection",
    shrinkage: 1,
    words: "the collection",
    entities: (film) => (film.collectionId === undefined ? undefined : [film.collectionId]),
  },
];

/** The part of an explanation that a record's columns are told under; the climate has a view of its own. */
export function groupOfRecord(key: RecordKey): FeatureGroup {
  return SPECS.find(({ kind }) => key.startsWith(`${kind}:`))?.group ?? "climate";
}

/** The keys of all records that the views of this film will ask for; what serving fetches in one round trip. */
export function recordKeysOf(film: FilmFacts): RecordKey[] {
  const keys = SPECS.flatMap(({ kind, entities }) => known(entities(film)).map((id): RecordKey => `${kind}:${id}`));
  return ["climate:all", ...new Set(keys)];
}

/** The kinds and ids under which a film's own outcome is later recorded. */
export function recordedUnder(film: FilmFacts): RecordKey[] {
  return recordKeysOf(film).filter((key) => key !== "climate:all");
}

function known(ids: readonly (number | null)[] | undefined): number[] {
  return (ids ?? []).filter((id) => id !== null);
}

function recordView(spec: RecordViewSpec): FeatureView {
  const column = (suffix: string, unit: string, description: string): FeatureColumn => ({
    name: `${spec.kind}_${suffix}`,
    unit,
    description,
    group: spec.group,
    knownWhen: "announced",
  });
  return {
    name: `${spec.kind}_track_record`,
    version: 1,
    entity: "film",
    owner: "workhorse",
    description: `What ${spec.words} had to show before`,
    ttlSeconds: TTL_SECONDS,
    columns: [
      column("films", "log(1+n)", `Number of mature films that ${spec.words} had before`),
      column(
        "mean",
        "rating points",
        `Mean of them over the rating level of their days, shrunk by ${spec.shrinkage} films`,
      ),
      column("last", "rating points", "The latest of them over the rating level of its day"),
      column("best", "rating points", "The best of them over the rating level of its day"),
      column("years_since", "log(1+years)", "Time since the latest of them"),
    ],
    compute: (input) => recordColumns(spec, input),
  };
}

/** Means over the entities given; all unknown when none was given, since that says nothing of them. */
function recordColumns(spec: RecordViewSpec, { film, asOf, record }: FeatureInput): number[] {
  const ids = spec.entities(film);
  if (ids === undefined || ids.length === 0) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  const summaries = ids.map((id) => summarise(id === null ? undefined : record(`${spec.kind}:${id}`), asOf));
  const mean = (value: (summary: RecordSummary) => number) => meanOfKnown(summaries.map(value));
  return [
    Math.log1p(mean(({ count }) => count)),
    mean(({ count, total }) => total / (count + spec.shrinkage)),
    mean(({ last }) => last),
    mean(({ best }) => best),
    Math.log1p(mean(({ daysSinceLast }) => daysSinceLast / DAYS_PER_YEAR)),
  ];
}

function meanOfKnown(values: readonly number[]): number {
  const kept = values.filter((value) => !Number.isNaN(value));
  return kept.length === 0 ? Number.NaN : kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

export const recordViews: readonly FeatureView[] = SPECS.map(recordView);
