import type { FeatureRow } from "@marquee/shared/features/feature-row";
import { type ViewSchema, viewKey } from "@marquee/shared/features/feature-view";

/** How a film was wrong. */
export type SkewProblem =
  /** Offline there is a row, online none. */
  | "missing online"
  /** The bytes online are no row of the view. */
  | "unreadable online"
  /** The row that was materialised is another one. */
  | "differs online"
  /** What serving computes from the facts and records online is another one. */
  | "differs on demand";

/** A column that training and serving would see differently. */
export interface SkewFinding {
  /** With its version: `film_metadata@2`. */
  view: string;
  /** `event_time` for the row's time; `*` where it is not about one column. */
  column: string;
  problem: SkewProblem;
  /** How many films. */
  films: number;
  /** The first of them; null where the value is unknown or not there. Event times in milliseconds since 1970. */
  example: { tmdbId: number; offline: number | null; online: number | null };
}

/** Takes in what is wrong, film by film, and tells it column by column. */
export interface SkewFindings {
  note(problem: SkewProblem, view: ViewSchema, column: string, example: SkewFinding["example"]): void;
  list(): SkewFinding[];
}

export function createSkewFindings(): SkewFindings {
  const findings = new Map<string, SkewFinding>();
  return {
    note: (problem, view, column, example) => {
      const key = `${problem} ${viewKey(view)} ${column}`;
      const found = findings.get(key);
      if (found) found.films++;
      else findings.set(key, { view: viewKey(view), column, problem, films: 1, example });
    },
    list: () => [...findings.values()],
  };
}

/** A column in which two rows differ. */
export interface RowDifference {
  column: string;
  offline: number | null;
  online: number | null;
}

/** Columns in which the rows differ in any bit, the event time among them. Unknown is equal to unknown. */
export function differencesOf(view: ViewSchema, offline: FeatureRow, online: FeatureRow): RowDifference[] {
  const pairs: [string, number, number][] = [
    ["event_time", offline.eventTime, online.eventTime],
    ...view.columns.map(({ name }, i): [string, number, number] => [
      name,
      offline.values[i] ?? Number.NaN,
      online.values[i] ?? Number.NaN,
    ]),
  ];
  // Object.is tells 0 from -0 and takes NaN for itself: it compares bits.
  return pairs
    .filter(([, was, is]) => !Object.is(was, is))
    .map(([column, was, is]) => ({ column, offline: known(was), online: known(is) }));
}

/** JSON has no NaN. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
