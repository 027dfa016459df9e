import type { ModelMetrics } from "../contracts/model-version.ts";
import { type CalendarDate, dayOf } from "../contracts/time.ts";

/** RMSE points by which a candidate may be worse than the champion: as much as another seed moves it. */
export const TOLERATED_RMSE_LOSS = 0.005;
/** With fewer films the RMSE's own standard error is over a tenth of it, and a comparison says nothing. */
const MIN_TESTED_FILMS = 50;
/** Nothing known before release predicts ratings so well: below it a leak is likelier than a success. */
const MIN_CREDIBLE_RMSE = 0.1;
/** Rating points; a model that is off by more on average has lost the level of recent ratings. */
const MAX_BIAS = 0.5;
/** Bounds on the share of films inside their 90 % interval. */
const COVERAGE = { min: 0.8, max: 0.98 };
/** Half the last digit that two sums of the same squares may differ by. */
const ROUNDING = 1e-9;

export interface PromotionCase {
  candidate: ModelMetrics;
  /** The champion in use; undefined where there is none yet. */
  champion: { version: number; metrics: ModelMetrics } | undefined;
  now: Date;
}

export interface PromotionDecision {
  promoted: boolean;
  /** Promoted: what speaks for it. Refused: everything that speaks against it. Sentences with their figures. */
  reasons: string[];
}

interface Finding {
  ok: boolean;
  sentence: string;
}

/**
 * Whether a candidate may become champion: credible figures, better than every baseline on the films it was tested on,
 * and not worse than the champion by more than TOLERATED_RMSE_LOSS where both were tested on the same films.
 */
export function decidePromotion({ candidate, champion, now }: PromotionCase): PromotionDecision {
  const findings = [
    ...sanity(candidate, dayOf(now)),
    ...againstBaselines(candidate),
    againstChampion(candidate, champion),
  ];
  const promoted = findings.every(({ ok }) => ok);
  return { promoted, reasons: findings.filter(({ ok }) => ok === promoted).map(({ sentence }) => sentence) };
}

/** Only what is wrong is told: a list of bounds that were kept is no reason. */
function sanity(metrics: ModelMetrics, today: CalendarDate): Finding[] {
  const { rmse, mae, r2, spearman, bias, coverage, testedFilms, testFrom } = metrics;
  const doubts: [boolean, string][] = [
    [
      [rmse, mae, r2, spearman, bias, coverage].some((figure) => !Number.isFinite(figure)),
      "One of its metrics is not a number.",
    ],
    [rmse < MIN_CREDIBLE_RMSE, `Its RMSE of ${points(rmse)} is below ${MIN_CREDIBLE_RMSE}: too good to be true.`],
    [Math.abs(bias) > MAX_BIAS, `It is off by ${points(bias)} on average; at most ${MAX_BIAS} is accepted.`],
    [
      coverage < COVERAGE.min || coverage > COVERAGE.max,
      `${percent(coverage)} of the tested films lie inside their 90 % interval; accepted is ${percent(COVERAGE.min)} to ${percent(COVERAGE.max)}.`,
    ],
    [
      testedFilms < MIN_TESTED_FILMS,
      `It was tested on ${testedFilms} films; at least ${MIN_TESTED_FILMS} are needed to tell models apart.`,
    ],
    [testFrom > today, `Its test is said to begin on ${testFrom}, which is not yet.`],
  ];
  return doubts.filter(([wrong]) => wrong).map(([, sentence]) => ({ ok: false, sentence }));
}

function againstBaselines({ rmse, baselines, testedFilms, testFrom }: ModelMetrics): Finding[] {
  const films = `${testedFilms} films released from ${testFrom} on`;
  const entries = Object.entries(baselines);
  if (entries.length === 0) {
    return [{ ok: false, sentence: "No baseline was measured, so nothing shows that it predicts anything." }];
  }
  return entries.map(([name, baseline]) =>
    rmse < baseline
      ? { ok: true, sentence: `RMSE ${points(rmse)} is better than ${name}'s ${points(baseline)} on ${films}.` }
      : { ok: false, sentence: `RMSE ${points(rmse)} is not better than ${name}'s ${points(baseline)} on ${films}.` },
  );
}

function againstChampion(candidate: ModelMetrics, champion: PromotionCase["champion"]): Finding {
  if (!champion) return { ok: true, sentence: "There is no champion yet." };
  const { version, metrics } = champion;
  const name = `the champion's (version ${version})`;
  if (metrics.testFrom !== candidate.testFrom || metrics.testedFilms !== candidate.testedFilms) {
    const films = `${metrics.testedFilms} films released from ${metrics.testFrom} on`;
    return { ok: true, sentence: `RMSE is not compared with ${name}, which was measured on other films: ${films}.` };
  }
  const loss = candidate.rmse - metrics.rmse;
  const figures = `RMSE ${points(candidate.rmse)} against ${name} ${points(metrics.rmse)} on the same films`;
  return loss <= TOLERATED_RMSE_LOSS + ROUNDING
    ? { ok: true, sentence: `${figures}: not worse by more than ${TOLERATED_RMSE_LOSS}.` }
    : { ok: false, sentence: `${figures}: worse by ${points(loss)}, and ${TOLERATED_RMSE_LOSS} is accepted.` };
}

/** Rating points with the four decimals that the tolerance needs. */
function points(value: number): string {
  return value.toFixed(4);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
