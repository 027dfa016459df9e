import type { MetricKind, Verdict } from "./quality-check.ts";

/** A figure as a rule sees it. */
export interface Judged {
  value: number;
  /** The same figure of the last good run; undefined where there was none. */
  last: number | undefined;
}

export interface Opinion {
  verdict: Verdict;
  /** What is accepted, in words with numbers. */
  expected: string;
}

export type QualityRule = (judged: Judged) => Opinion;

/** What is said where a figure is held against the last good run and there was none. */
export const NO_EARLIER_RUN = "no earlier run";

/** Of the last good run's rows. Fewer than 98 % is more than a day takes away; fewer than 80 % is a part of a file. */
const ROWS = { stopUnder: 0.8, warnUnder: 0.98, warnOver: 1.5 };
/** A share may rise by so much, 0.05 being five points: a column that a source stops to fill rises by all it had. */
const RISE = { warnOver: 0.05, stopOver: 0.2 };
/** A share that is to be none at all. */
const NONE = { warnOver: 0, stopOver: 0.01 };
const QUARANTINED = { warnOver: 0.01, stopOver: 0.1 };
/** What a person has accepted may vary by so much. */
const SLACK = 1.1;
const FAULTS = { warnOver: 0.05 };
/** Points of a rating. Over all titles a mean moves by hundredths in a year. */
const MEAN = { warnOver: 0.3, stopOver: 1 };
/** Sources publish daily. */
const AGE = { warnOver: 2 };

/** What is expected of each kind of figure. */
export const QUALITY_RULES: Readonly<Record<MetricKind, QualityRule>> = {
  rows: againstLast(({ value, last }) => {
    if (last === 0) return { verdict: "pass", expected: "any number (last 0)" };
    const under = (share: number) => exceeds(share * last, value);
    const odd = under(ROWS.warnUnder) || exceeds(value, ROWS.warnOver * last);
    return {
      verdict: under(ROWS.stopUnder) ? "stop" : odd ? "warn" : "pass",
      expected: `${rounded(ROWS.warnUnder * last)} to ${rounded(ROWS.warnOver * last)}, at least ${rounded(ROWS.stopUnder * last)} (last ${rounded(last)})`,
    };
  }),
  null_share: againstLast(risenShare),
  unmatched_share: againstLast(risenShare),
  out_of_range_share: noShare,
  orphan_share: noShare,
  duplicate_share: noShare,
  quarantined_share: (judged) => {
    const bounds = { ...QUARANTINED, stopOver: accepted(QUARANTINED.stopOver, judged) };
    return {
      verdict: graded(judged.value, bounds),
      expected: `at most ${percent(bounds.warnOver)}, never over ${percent(bounds.stopOver)}`,
    };
  },
  // What failed was asked for again: a source that is hard to reach is no reason to distrust what it said.
  fault_share: ({ value }) => ({
    verdict: exceeds(value, FAULTS.warnOver) ? "warn" : "pass",
    expected: `at most ${percent(FAULTS.warnOver)}`,
  }),
  mean: againstLast(({ value, last }) => ({
    verdict: graded(Math.abs(value - last), MEAN),
    expected: `${last.toFixed(2)} ± ${MEAN.warnOver}, never off by over ${MEAN.stopOver}`,
  })),
  // Never a stop: old data is no reason to stop making what can be made from it.
  age_days: ({ value }) => ({
    verdict: exceeds(value, AGE.warnOver) ? "warn" : "pass",
    expected: `at most ${AGE.warnOver} days`,
  }),
  // The load that met them was stopped; those after it go on with what there was before.
  refused: ({ value }) => ({
    verdict: value > 0 ? "warn" : "pass",
    expected: "none: accept the run that refused it, or wait for the next file",
  }),
  count: () => ({ verdict: "pass", expected: "any number" }),
};

function againstLast(rule: (judged: { value: number; last: number }) => Opinion): QualityRule {
  return ({ value, last }) =>
    last === undefined ? { verdict: "pass", expected: NO_EARLIER_RUN } : rule({ value, last });
}

function risenShare({ value, last }: { value: number; last: number }): Opinion {
  return {
    verdict: graded(value - last, RISE),
    expected: `at most ${percent(last + RISE.warnOver)}, never over ${percent(last + RISE.stopOver)} (last ${percent(last)})`,
  };
}

function noShare(judged: Judged): Opinion {
  const bounds = { ...NONE, stopOver: accepted(NONE.stopOver, judged) };
  return { verdict: graded(judged.value, bounds), expected: `none, never over ${percent(bounds.stopOver)}` };
}

/** The last good run is beyond a bound only where a person accepted that: as much again is no news. */
function accepted(stopOver: number, { last = 0 }: Judged): number {
  return last > stopOver ? SLACK * last : stopOver;
}

function graded(value: number, { warnOver, stopOver }: { warnOver: number; stopOver: number }): Verdict {
  return exceeds(value, stopOver) ? "stop" : exceeds(value, warnOver) ? "warn" : "pass";
}

/** A bound itself is still accepted, also where binary fractions put the value a hair beyond. */
function exceeds(value: number, bound: number): boolean {
  return value - bound > 1e-9;
}

function percent(share: number): string {
  return `${Number((100 * Math.min(1, share)).toFixed(2))} %`;
}

function rounded(rows: number): string {
  return Math.round(rows).toLocaleString("en");
}
