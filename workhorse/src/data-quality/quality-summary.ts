import { type QualityCheck, stopsOf, VERDICTS, type Verdict } from "./quality-check.ts";

/** What a step's run tells of its checks. */
export interface QualitySummary {
  /** The gravest of all. */
  verdict: Verdict;
  /** Each a sentence. */
  stops: string[];
  warnings: string[];
}

export function summariseChecks(checks: readonly QualityCheck[]): QualitySummary {
  const warnings = checks.filter(({ verdict }) => verdict === "warn");
  return {
    verdict: gravest(checks.map(({ verdict }) => verdict)),
    stops: stopsOf(checks).map(describeCheck),
    warnings: warnings.map(describeCheck),
  };
}

function gravest(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS[Math.max(0, ...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))] ?? "pass";
}

/** `movies null_share release_date is 0.3 (expected: at most 5 %)` */
export function describeCheck({ subject, metric, value, expected }: QualityCheck): string {
  return `${subject} ${metric} is ${value === null ? "not known" : describeValue(value)} (expected: ${expected})`;
}

/** Counts need their commas, shares and means their places: one film of a million is a share that is not none. */
export function describeValue(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: Number.isInteger(value) ? 21 : 4 });
}
