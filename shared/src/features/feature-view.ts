import type { EpochDay } from "../contracts/time.ts";
import type { FilmFacts, LaterFacts } from "./film-facts.ts";
import type { TrackRecord } from "./track-record.ts";

/**
 * When a fact becomes known. What is known only after release may be looked at, but no model may learn from it:
 * feature-service.ts refuses it.
 */
export type KnownWhen = "announced" | "before_release" | "after_release";

/** What rows are about, and the column that names one. */
export interface Entity {
  /** `film`; the first part of its keys in the online store. */
  name: string;
  /** The column that holds its id: `tmdb_id`. Ids are whole numbers. */
  joinKey: string;
  /** In words, for people. */
  description: string;
}

/** Every value is computed and kept as a float64; `bool` says that only 0 and 1 occur, and readers get false and true. */
export type ColumnType = "float64" | "bool";

/** A column as stores and servers know it. */
export interface ColumnSchema {
  /** Snake case, unique over all views. */
  name: string;
  type: ColumnType;
  /** What stands for a value that is not known: NaN unless there is a number that says the same. */
  default: number;
}

export interface FeatureColumn extends ColumnSchema {
  /** `year`, `minutes`, `log10 USD`, `0/1`, `rating points` … */
  unit: string;
  /** In words, for people. */
  description: string;
  /** Who answers for it, where that is not who answers for the view. */
  owner?: string;
  knownWhen: KnownWhen;
  /** The part of an explanation that this column is told under. */
  group: FeatureGroup;
}

/** Explanations speak of these, not of columns. The order is that of the docs; ids are stored in models. */
export const FEATURE_GROUPS = {
  climate: "Rating level of recent films",
  release: "Release date",
  runtime: "Running time",
  genres: "Genres",
  language: "Language and country",
  budget: "Budget",
  director: "Director's earlier films",
  writers: "Writers' and composers' earlier films",
  cast: "Lead cast's earlier films",
  companies: "Companies' earlier films",
  collection: "Earlier films of the collection",
  text: "Title and plot",
} as const;
export type FeatureGroup = keyof typeof FEATURE_GROUPS;

/** The groups that columns are told under, in the groups' order. */
export function groupsOf(columns: readonly Pick<FeatureColumn, "group">[]): FeatureGroup[] {
  const there = new Set(columns.map(({ group }) => group));
  return (Object.keys(FEATURE_GROUPS) as FeatureGroup[]).filter((group) => there.has(group));
}

/** What a view's function may see: the film's facts, the day, and other films' records as of that day. */
export interface FeatureInput {
  film: FilmFacts;
  asOf: EpochDay;
  record(key: RecordKey): TrackRecord | undefined;
  /** Only views of what is known after release look at it; absent wherever a model's features are computed. */
  later?: LaterFacts;
}

export type RecordKind =
  | "climate"
  | "director"
  | "writer"
  | "composer"
  | "cast"
  | "company"
  | "genre"
  | "collection"
  | "pairing"
  | "calendar";
/**
 * An entity that has a track record, e.g. `director:525`; `climate:all` is all films' ratings, `pairing:525x1038` a
 * director's films with one lead or writer, `calendar:all` and `calendar:18` the releases of all films and of a genre.
 */
export type RecordKey = `${RecordKind}:${number | "all"}` | `pairing:${number}x${number}`;

/**
 * What stores, feature server and point-in-time joins have to know of a view: any table of rows per entity and event
 * time, whoever computed it.
 */
export interface ViewSchema {
  name: string;
  /** Goes up whenever the meaning of a column changes. */
  version: number;
  entity: Entity;
  /** How long a materialised value counts as fresh, in seconds. */
  ttlSeconds: number;
  /** How far back a point-in-time join looks for a row, in seconds; as far as there are rows unless given. */
  joinWindowSeconds?: number;
  columns: readonly ColumnSchema[];
}

/** A view of ours: its schema, what it means, and the one function that computes it for training and for serving. */
export interface FeatureView extends ViewSchema {
  owner: string;
  description: string;
  /** What a row's time is, in words: the row holds from then on, and only facts from strictly before are in it. */
  eventTime: string;
  /** Tables of the catalog that it is made from. */
  source: readonly string[];
  columns: readonly FeatureColumn[];
  /** One number per column, the column's default where unknown. Pure. */
  compute(input: FeatureInput): number[];
}

/** Names a view's version in keys, files and requests: `film_metadata@2`. */
export function viewKey({ name, version }: Pick<ViewSchema, "name" | "version">): string {
  return `${name}@${version}`;
}
