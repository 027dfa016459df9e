import type { ModelMetrics } from "../contracts/model-version.ts";
import { type CalendarDate, dayOf } from "../contracts/time.ts";

/** RMSE points by which a candidate may be worse than the champion: as much as another seed moves it. */
const TOLERATED_RMSE_LOSS = 0.005;
/** With fewer films the RMSE's own standard error is over a tenth of it, and a comparison says nothing. */
export const MIN_TESTED_FILMS = 50;
/** Nothing known before release predicts ratings so well: below it a leak is likelier than a success. */
const MIN_CREDIBLE_RMSE = 0.1;
/** Rating points; a model that is off by more on average has lost the level of recent ratings. */
const MAX_BIAS = 0.5;
/** Bounds on the share of films inside their 90 % interval. */
const COVERAGE = { min: 0.8, max: 0.98 };
/** Half the last digit that two sums of the same squares may differ by. */
const ROUNDING = 1e-9;

/** Candidate and champion on the same films, none of which either has learned from. */
export interface Comparison {
  films: number;
  /** The first possible day of their release. */
  from: CalendarDate;
  /** Test films of the candidate that are left out: the champion has learned from them, or could have. */
  leftOut: number;
  candidateRmse: number;
  championRmse: number;
  /** The candidate's RMSE minus the champion's, and an interval that holds it with `confidence`. */
  difference: number;
  lower: number;
  upper: number;
  confidence: number;
}

/** The champion in use, as far as the candidate was held against it. */
export type ChampionCase = { version: number } & (
  | { compared: Comparison }
  /** Made from the same films with the same settings by the same release. */
  | { compared: "nothing-new" }
  /** Too few films that neither has learned from. */
  | { compared: "too-few-films"; films: number; leftOut: number }
  /** It cannot be evaluated; a sentence says why. */
  | { compared: "impossible"; why: string }
);

export interface PromotionCase {
  candidate: ModelMetrics;
  /** RMSE on the tested films of the candidate as it would serve, which has learned from them since. */
  refitRmse: number;
  /** Undefined where there is none yet. */
  champion: ChampionCase | undefined;
  /** A version of the very same bytes that was champion and was replaced: by whom, and why. Undefined: none was. */
  takenBack?: { version: number; movedBy: string; reason: string } | undefined;
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
 * Whether a candidate may become champion: credible figures, something new learned, better than every baseline on the
 * films it was tested on, and on films that neither has learned from surely (the interval's confidence) not worse than
 * the champion by more than TOLERATED_RMSE_LOSS.
 */
export function decidePromotion({ candidate, refitRmse, champion, takenBack, now }: PromotionCase): PromotionDecision {
  const findings = [
    ...sanity(candidate, dayOf(now)),
    ...refitSanity(candidate, refitRmse),
    ...againstBaselines(candidate),
    againstChampion(champion),
    ...againstHistory(takenBack),
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

/** Having learned from films, a model that errs more on them than before has gone wrong. */
function refitSanity({ rmse }: ModelMetrics, refitRmse: number): Finding[] {
  // Written so that NaN is no success.
  if (refitRmse <= rmse + TOLERATED_RMSE_LOSS + ROUNDING) return [];
  const sentence = `Refitted on all films its RMSE on the tested ones is ${points(refitRmse)}, and it was ${points(rmse)} before it had learned from them.`;
  return [{ ok: false, sentence }];
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

function againstChampion(champion: ChampionCase | undefined): Finding {
  if (!champion) return { ok: true, sentence: "There is no champion yet." };
  const { compared } = champion;
  const name = `the champion (version ${champion.version})`;
  if (compared === "nothing-new") {
    return {
      ok: false,
      sentence: `Nothing new was learned: ${name} was made from the same films with the same settings.`,
    };
  }
  if (compared === "impossible") return { ok: true, sentence: `It is not compared with ${name}: ${champion.why}` };
  if (compared === "too-few-films") {
    const { films, leftOut } = champion;
    return {
      ok: true,
      sentence: `It is not compared with ${name}: ${films} films are left that neither has learned from${without(leftOut)}, and ${MIN_TESTED_FILMS} are needed.`,
    };
  }
  return judge(compared, name);
}

/** Who rolled a champion back is not to find it in its place again after the next training on the same films. */
function againstHistory(takenBack: PromotionCase["takenBack"]): Finding[] {
  if (!takenBack) return [];
  const { version, movedBy, reason } = takenBack;
  const sentence = `It is version ${version} again, byte for byte, which was champion until ${movedBy} replaced it: ${reason}`;
  return [{ ok: false, sentence }];
}

function judge(comparison: Comparison, name: string): Finding {
  const { films, from, leftOut, candidateRmse, championRmse, difference, lower, upper, confidence } = comparison;
  const figures =
    `RMSE ${points(candidateRmse)} against ${points(championRmse)} of ${name} on the same ${films} films released from ${from} on${without(leftOut)}: ` +
    `difference ${points(difference)}, with ${percent(confidence)} confidence between ${points(lower)} and ${points(upper)}`;
  // Written so that NaN is no success.
  return upper <= TOLERATED_RMSE_LOSS + ROUNDING
    ? { ok: true, sentence: `${figures}; surely not worse by more than ${TOLERATED_RMSE_LOSS}.` }
    : { ok: false, sentence: `${figures}; it may be worse by more than the ${TOLERATED_RMSE_LOSS} that is accepted.` };
}

function without(leftOut: number): string {
  return leftOut === 0 ? "" : ` (without ${leftOut} that the champion may have learned from)`;
}

/** Rating points with the four decimals that the tolerance needs. */
function points(value: number): string {
  return value.toFixed(4);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
