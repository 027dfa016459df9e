import { MarqueeError } from "@marquee/shared/service/errors";
import type { LeakReport } from "@marquee/workhorse/feature-store/leaks/detect-leaks";
import type { SkewReport } from "@marquee/workhorse/feature-store/skew/check-skew";
import { count } from "../../local/reporter.ts";
import { textTable } from "../text-table.ts";

export function describeLeaks({ films, days, columns, findings }: LeakReport): string {
  const looked = `${count(films)} films around ${days} days, ${columns} columns each`;
  if (findings.length === 0) return `No feature knows what happened later: ${looked}.`;
  const heads = ["view", "column", "films", "such as", "as of", "value", "with another future"];
  const rows = findings.map(({ view, column, films: differing, example: { tmdbId, asOf, before, after } }) => [
    ...[view, column, differing],
    ...[String(tmdbId), asOf, exactly(before), exactly(after)],
  ]);
  return `${textTable(heads, rows)}\nOf ${looked}.`;
}

export function leaksFound({ findings }: LeakReport): MarqueeError {
  const columns = findings.map(({ view, column }) => `${view} ${column}`).join(", ");
  return new MarqueeError("FEATURE_LEAK", `Features know what happened only later: ${columns}.`);
}

export function describeSkew({ films, columns, onDemand, unchecked, findings }: SkewReport): string {
  const looked = `${count(films)} films, ${columns} columns each, ${count(onDemand)} of them computed on demand as well`;
  const heads = ["view", "column", "what", "films", "such as", "offline", "online"];
  const rows = findings.map(({ view, column, problem, films: differing, example: { tmdbId, offline, online } }) => [
    ...[view, column, problem, differing],
    ...[String(tmdbId), exactly(offline), exactly(online)],
  ]);
  return [
    ...(findings.length === 0 ? [] : [textTable(heads, rows)]),
    ...unchecked.map(({ view, reason }) => `${view} was not compared: ${reason}.`),
    ...(films === 0
      ? []
      : [
          findings.length > 0
            ? `Of ${looked}.`
            : `${unchecked.length > 0 ? "All else that lies" : "What lies"} online is what was built: ${looked}.`,
        ]),
  ].join("\n");
}

export function skewFound({ findings }: SkewReport): MarqueeError {
  const views = [...new Set(findings.map(({ view }) => view))].join(", ");
  return new MarqueeError(
    "CHECKS_FAILED",
    `Serving reads other values than were built of ${views}. Make them anew: npm run marquee -- features materialize.`,
  );
}

/** Every digit: two values may differ in the last. */
function exactly(value: number | null): string {
  return value === null ? "unknown" : String(value);
}
