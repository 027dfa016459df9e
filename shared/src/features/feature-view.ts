import type { EpochDay } from "../contracts/time.ts";
import { canonicalJson, sha256 } from "../service/ids.ts";
import type { FilmFacts } from "./film-facts.ts";
import type { TrackRecord } from "./track-record.ts";

/** When a fact becomes known. What is known only after release may not be a feature. */
export type KnownWhen = "announced" | "before_release";

export interface FeatureColumn {
  /** Snake case, unique over all views. */
  name: string;
  /** `year`, `minutes`, `log10 USD`, `0/1`, `rating points` … */
  unit: string;
  /** In words, for people. */
  description: string;
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
  language: "Original language",
  budget: "Budget",
  director: "Director's earlier films",
  writers: "Writers' earlier films",
  cast: "Lead cast's earlier films",
  companies: "Companies' earlier films",
  collection: "Earlier films of the collection",
} as const;
export type FeatureGroup = keyof typeof FEATURE_GROUPS;

/** What a view's function may see: the film's facts, the day, and other films' records as of that day. */
export interface FeatureInput {
  film: FilmFacts;
  asOf: EpochDay;
  record(key: RecordKey): TrackRecord | undefined;
}

export type RecordKind = "climate" | "director" | "writer" | "cast" | "company" | "genre" | "collection";
/** An entity that has a track record, e.g. `director:525`; `climate:all` is all films' ratings. */
export type RecordKey = `${RecordKind}:${number | "all"}`;

export interface FeatureView {
  name: string;
  /** Goes up whenever the meaning of a column changes; the function below is then a new one. */
  version: number;
  entity: "film";
  owner: string;
  description: string;
  /** How long a materialised value counts as fresh, in seconds. */
  ttlSeconds: number;
  columns: readonly FeatureColumn[];
  /** One number per column, NaN where unknown. Pure. */
  compute(input: FeatureInput): number[];
}

/** The identity of a list of views: a model stores the one it was trained on, and serving refuses another. */
export function hashViews(views: readonly FeatureView[]): string {
  return sha256(canonicalJson(views.map(viewDefinition)));
}

/** A view without its function, as it is registered. */
export function viewDefinition({ compute: _compute, ...definition }: FeatureView): Omit<FeatureView, "compute"> {
  return definition;
}
