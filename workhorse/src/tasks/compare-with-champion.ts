import { predict } from "@marquee/shared/model/kernel";
import type { Manifest } from "@marquee/shared/model/manifest";
import type { RatingModel } from "@marquee/shared/model/rating-model";
import { type ChampionCase, type Comparison, MIN_TESTED_FILMS } from "@marquee/shared/registry/promotion-gate";
import { canonicalJson } from "@marquee/shared/service/ids";
import { mean } from "../training/metrics.ts";
import { bootstrapRmseDifference } from "../training/paired-bootstrap.ts";
import type { TrainingRow, TrainingSet } from "../training/training-set.ts";

/**
 * Holds a candidate against the champion on the candidate's test films that the champion has not learned from either.
 * @param set all films whose rating is known now, with the features that both are to read
 */
export function compareWithChampion(
  candidate: RatingModel,
  champion: { version: number; model: RatingModel },
  set: Pick<TrainingSet, "rows" | "viewsHash">,
): ChampionCase {
  const { version, model } = champion;
  const [own, other] = [candidate.manifest, model.manifest];
  if (originOf(own) === originOf(other)) return { version, compared: "nothing-new" };
  if (other.viewsHash !== set.viewsHash) {
    return {
      version,
      compared: "impossible",
      why: "it reads other feature views than this release computes, so only the baselines count.",
    };
  }
  const tested = set.rows.filter((row) => isNewTo(own, row));
  const rows = tested.filter((row) => isNewTo(other, row));
  const leftOut = tested.length - rows.length;
  const [first] = rows;
  if (!first || rows.length < MIN_TESTED_FILMS) {
    return { version, compared: "too-few-films", films: rows.length, leftOut };
  }
  return { version, compared: { ...measure(candidate, model, rows), from: first.releaseDate, leftOut } };
}

/** A model learns from what was released before its test; a refitted one from that too. */
function isNewTo({ data, refit }: Manifest, { releaseDate }: TrainingRow): boolean {
  return refit ? releaseDate > data.lastRelease : releaseDate >= data.testFrom;
}

/** All that decides how a model comes out. */
function originOf({ data, settings, viewsHash, codeVersion, backend }: Manifest): string {
  return canonicalJson({ set: data.trainingSetHash, settings, viewsHash, codeVersion, backend });
}

function measure(
  candidate: RatingModel,
  champion: RatingModel,
  rows: readonly TrainingRow[],
): Omit<Comparison, "from" | "leftOut"> {
  const errors = errorsOf(candidate, rows);
  const championErrors = errorsOf(champion, rows);
  return {
    films: rows.length,
    candidateRmse: rootMeanSquare(errors),
    championRmse: rootMeanSquare(championErrors),
    ...bootstrapRmseDifference(errors, championErrors),
  };
}

function errorsOf(model: RatingModel, rows: readonly TrainingRow[]): number[] {
  return rows.map(({ values, rating }) => predict(model, values).rating - rating);
}

function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(mean(errors.map((error) => error ** 2)));
}
