/** Bronze: the archive; silver: the catalog; gold: features. */
export const LAYERS = ["bronze", "silver", "gold"] as const;
export type Layer = (typeof LAYERS)[number];

/** `stop` keeps what was loaded before in use. From harmless to grave. */
export const VERDICTS = ["pass", "warn", "stop"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * What can be counted or measured of a load. Shares are of the subject's rows, from 0 to 1.
 *
 *   rows                 how many there are
 *   null_share           without a value in this column
 *   unmatched_share      whose partner elsewhere is unknown to us, which is honest up to a point
 *   out_of_range_share   with a value in this column that cannot be
 *   orphan_share         that point at something which should be there and is not
 *   duplicate_share      that were there already
 *   quarantined_share    of what came, what could not be taken
 *   fault_share          of requests, those that failed before they were repeated
 *   mean                 of a column
 *   age_days             since it was fetched
 *   refused              files that an earlier load was stopped at, which nothing newer has replaced
 *   count                of something that may honestly be any number
 */
export const METRIC_KINDS = [
  "rows",
  "null_share",
  "unmatched_share",
  "out_of_range_share",
  "orphan_share",
  "duplicate_share",
  "quarantined_share",
  "fault_share",
  "mean",
  "age_days",
  "refused",
  "count",
] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** A kind, with what it is of where a subject has several: `rows`, `null_share release_date`, `orphan_share person`. */
export type Metric = MetricKind | `${MetricKind} ${string}`;

/** Something counted or measured of a load. */
export interface Figure {
  layer: Layer;
  /** A table or a source's file: `movies`, `title.ratings`. */
  subject: string;
  metric: Metric;
  /** null where it could not be measured, such as a share of no rows. */
  value: number | null;
}

/** A figure with what was expected of it, in words with numbers. */
export interface QualityCheck extends Figure {
  expected: string;
  verdict: Verdict;
}

/** The checks that keep a load out of use. */
export function stopsOf<Check extends Pick<QualityCheck, "verdict">>(checks: readonly Check[]): Check[] {
  return checks.filter(({ verdict }) => verdict === "stop");
}

/** Figures of earlier loads, by `figureKey`. */
export type KnownFigures = ReadonlyMap<string, number>;

export function figureKey({ subject, metric }: Pick<Figure, "subject" | "metric">): string {
  return `${subject} ${metric}`;
}
