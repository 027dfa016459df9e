import { type Figure, figureKey, type KnownFigures, type MetricKind, type QualityCheck } from "./quality-check.ts";
import { type Opinion, QUALITY_RULES } from "./quality-rules.ts";

/** Of fewer rows chance decides: what would stop is a warning. */
export const MIN_ROWS = 20;

/**
 * Holds figures against the rules of their kinds.
 * @param figures of one run; a subject's shares weigh by its `rows`, its `quarantined_share` by its
 *   `count seen` where that differs
 * @param lastGood the same figures of the last good run
 */
export function judge(figures: readonly Figure[], lastGood: KnownFigures): QualityCheck[] {
  const now = new Map(figures.map((figure) => [figureKey(figure), figure.value]));
  return figures.map((figure): QualityCheck => {
    const { value, metric } = figure;
    if (value === null) return { ...figure, verdict: "pass", expected: "not measured" };
    const opinion = QUALITY_RULES[kindOf(metric)]({ value, last: lastGood.get(figureKey(figure)) });
    const weight = weightOf(figure, now, lastGood);
    return { ...figure, ...(weight !== undefined && weight < MIN_ROWS ? softened(opinion) : opinion) };
  });
}

/** How many rows speak: a number of rows has those that there were, a share those that it is of. */
function weightOf(
  { subject, metric }: Figure,
  now: ReadonlyMap<string, number | null>,
  lastGood: KnownFigures,
): number | undefined {
  if (kindOf(metric) === "rows") return lastGood.get(figureKey({ subject, metric }));
  const seen =
    kindOf(metric) === "quarantined_share" ? now.get(figureKey({ subject, metric: "count seen" })) : undefined;
  return seen ?? now.get(figureKey({ subject, metric: "rows" })) ?? undefined;
}

function kindOf(metric: Figure["metric"]): MetricKind {
  return metric.split(" ", 1)[0] as MetricKind;
}

function softened({ verdict, expected }: Opinion): Opinion {
  if (verdict !== "stop") return { verdict, expected };
  return { verdict: "warn", expected: `${expected}; no stop for fewer than ${MIN_ROWS} rows` };
}
