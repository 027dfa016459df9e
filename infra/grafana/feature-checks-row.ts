import { MAX_SKEW_CHECK_AGE_SECONDS, SINCE_SKEW_CHECK, wrongFilms } from "../prometheus/feature-rules.ts";
import { ofOneWorker, orZero, type RowDefinition, redFrom } from "./panel.ts";

export const FEATURE_CHECKS_ROW: RowDefinition = {
  title: "Feature checks",
  panels: [
    {
      title: "Films that serving reads wrong",
      description:
        "Of the latest hourly sample, by view: the value online is not, bit for bit, the one that was built. Should be none; docs/runbooks/feature-skew.md.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [{ expr: orZero(wrongFilms("skew"), "view"), legend: "{{view}}" }],
      steps: redFrom(1),
    },
    {
      title: "Films whose features know what happened later",
      description:
        "Of those that the latest build looked at, by view. Should be none; with any the build is stopped: docs/runbooks/feature-leak.md.",
      unit: "short",
      look: "lines",
      width: 8,
      queries: [{ expr: orZero(wrongFilms("leak"), "view"), legend: "{{view}}" }],
      steps: redFrom(1),
    },
    {
      title: "Since the last skew check",
      description: `It runs hourly. An alert fires after ${MAX_SKEW_CHECK_AGE_SECONDS / 3_600} h.`,
      unit: "s",
      look: "number",
      width: 4,
      queries: [{ expr: SINCE_SKEW_CHECK, legend: "skew check" }],
      steps: redFrom(MAX_SKEW_CHECK_AGE_SECONDS),
      emptyBefore: "the first hour's check",
    },
    {
      title: "Films looked at",
      description: "By the latest check of each kind. None: nothing is materialised, or nothing is built.",
      unit: "short",
      look: "number",
      width: 4,
      queries: [{ expr: ofOneWorker("marquee_feature_check_films", "kind"), legend: "{{kind}}" }],
      emptyBefore: "the first build and the first hour's check",
    },
  ],
};
