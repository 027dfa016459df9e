import { describe, expect, test } from "vitest";
import type { ModelMetrics } from "../contracts/model-version.ts";
import type { CalendarDate } from "../contracts/time.ts";
import { decidePromotion } from "./promotion-gate.ts";

const now = new Date("2026-07-01T00:00:00Z");

function metrics(changes: Partial<ModelMetrics> = {}): ModelMetrics {
  return {
    rmse: 0.8,
    mae: 0.6,
    r2: 0.3,
    spearman: 0.55,
    bias: 0.02,
    coverage: 0.9,
    testedFilms: 900,
    testFrom: "2012-01-01" as CalendarDate,
    baselines: { mean: 1, "director's average": 0.9 },
    members: {},
    ...changes,
  };
}

const rows: {
  sentence: string;
  candidate?: Partial<ModelMetrics>;
  champion?: Partial<ModelMetrics>;
  promoted: boolean;
  says: string;
}[] = [
  { sentence: "the first model needs only to beat the baselines", promoted: true, says: "There is no champion yet." },
  {
    sentence: "a baseline that is as good stops it",
    candidate: { rmse: 0.9 },
    promoted: false,
    says: "RMSE 0.9000 is not better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
  },
  {
    sentence: "a hair better than the best baseline is better",
    candidate: { rmse: 0.8999 },
    promoted: true,
    says: "RMSE 0.8999 is better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
  },
  {
    sentence: "a model without baselines has shown nothing",
    candidate: { baselines: {} },
    promoted: false,
    says: "No baseline was measured, so nothing shows that it predicts anything.",
  },
  {
    sentence: "better than the champion on the same films",
    champion: { rmse: 0.81 },
    promoted: true,
    says: "RMSE 0.8000 against the champion's (version 4) 0.8100 on the same films: not worse by more than 0.005.",
  },
  {
    sentence: "worse than the champion by exactly what is tolerated",
    candidate: { rmse: 0.805 },
    champion: {},
    promoted: true,
    says: "RMSE 0.8050 against the champion's (version 4) 0.8000 on the same films: not worse by more than 0.005.",
  },
  {
    sentence: "worse than the champion by a little more than is tolerated",
    candidate: { rmse: 0.8051 },
    champion: {},
    promoted: false,
    says: "RMSE 0.8051 against the champion's (version 4) 0.8000 on the same films: worse by 0.0051, and 0.005 is accepted.",
  },
  {
    sentence: "a champion tested on later films is not compared",
    candidate: { rmse: 0.85 },
    champion: { testFrom: "2013-01-01" as CalendarDate },
    promoted: true,
    says: "RMSE is not compared with the champion's (version 4), which was measured on other films: 900 films released from 2013-01-01 on.",
  },
  {
    sentence: "a champion tested on fewer films is not compared",
    candidate: { rmse: 0.85 },
    champion: { testedFilms: 899 },
    promoted: true,
    says: "RMSE is not compared with the champion's (version 4), which was measured on other films: 899 films released from 2012-01-01 on.",
  },
  {
    sentence: "without a comparable champion the baselines still count",
    candidate: { rmse: 0.95 },
    champion: { testedFilms: 899 },
    promoted: false,
    says: "RMSE 0.9500 is not better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
  },
  {
    sentence: "a metric that is no number stops it",
    candidate: { rmse: Number.NaN },
    promoted: false,
    says: "One of its metrics is not a number.",
  },
  {
    sentence: "an error too small to be honest stops it",
    candidate: { rmse: 0.0999 },
    promoted: false,
    says: "Its RMSE of 0.0999 is below 0.1: too good to be true.",
  },
  {
    sentence: "the smallest credible error passes",
    candidate: { rmse: 0.1 },
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "the largest accepted bias passes",
    candidate: { bias: -0.5 },
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "a bias beyond it stops it",
    candidate: { bias: -0.51 },
    promoted: false,
    says: "It is off by -0.5100 on average; at most 0.5 is accepted.",
  },
  {
    sentence: "the narrowest accepted intervals pass",
    candidate: { coverage: 0.8 },
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "intervals that hold too few films stop it",
    candidate: { coverage: 0.799 },
    promoted: false,
    says: "79.9 % of the tested films lie inside their 90 % interval; accepted is 80 % to 98 %.",
  },
  {
    sentence: "the widest accepted intervals pass",
    candidate: { coverage: 0.98 },
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "intervals that hold nearly everything stop it",
    candidate: { coverage: 0.981 },
    promoted: false,
    says: "98.1 % of the tested films lie inside their 90 % interval; accepted is 80 % to 98 %.",
  },
  {
    sentence: "the smallest test that says something passes",
    candidate: { testedFilms: 50 },
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "a test on too few films stops it",
    candidate: { testedFilms: 49 },
    promoted: false,
    says: "It was tested on 49 films; at least 50 are needed to tell models apart.",
  },
  {
    sentence: "a test in the future stops it",
    candidate: { testFrom: "2026-07-02" as CalendarDate },
    promoted: false,
    says: "Its test is said to begin on 2026-07-02, which is not yet.",
  },
];

describe("the promotion gate", () => {
  test.each(rows)("$sentence", ({ candidate, champion, promoted, says }) => {
    const decision = decidePromotion({
      candidate: metrics(candidate),
      champion: champion && { version: 4, metrics: metrics(champion) },
      now,
    });
    expect(decision.promoted).toBe(promoted);
    expect(decision.reasons).toContain(says);
  });

  test("a refusal tells everything that speaks against the candidate and nothing that speaks for it", () => {
    const decision = decidePromotion({
      candidate: metrics({ rmse: 0.95, bias: 0.7 }),
      champion: { version: 4, metrics: metrics() },
      now,
    });
    expect(decision.reasons).toEqual([
      "It is off by 0.7000 on average; at most 0.5 is accepted.",
      "RMSE 0.9500 is not better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
      "RMSE 0.9500 against the champion's (version 4) 0.8000 on the same films: worse by 0.1500, and 0.005 is accepted.",
    ]);
  });
});
