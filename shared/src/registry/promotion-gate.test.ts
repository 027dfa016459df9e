import { describe, expect, test } from "vitest";
import type { ModelMetrics } from "../contracts/model-version.ts";
import type { CalendarDate } from "../contracts/time.ts";
import { type ChampionCase, type Comparison, decidePromotion } from "./promotion-gate.ts";

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

/** The candidate as good as the champion, known to within ±0.004. */
function compared(changes: Partial<Comparison> = {}): ChampionCase {
  return {
    version: 4,
    compared: {
      films: 800,
      from: "2012-01-01" as CalendarDate,
      leftOut: 0,
      candidateRmse: 0.8,
      championRmse: 0.8,
      difference: 0,
      lower: -0.004,
      upper: 0.004,
      confidence: 0.95,
      ...changes,
    },
  };
}

const rows: {
  sentence: string;
  candidate?: Partial<ModelMetrics>;
  refitRmse?: number;
  champion?: ChampionCase;
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
    sentence: "surely better than the champion on the same films",
    champion: compared({ championRmse: 0.85, difference: -0.05, lower: -0.07, upper: -0.03 }),
    promoted: true,
    says: "RMSE 0.8000 against 0.8500 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference -0.0500, with 95 % confidence between -0.0700 and -0.0300; surely not worse by more than 0.005.",
  },
  {
    sentence: "surely not worse by more than exactly what is tolerated",
    champion: compared({ upper: 0.005 }),
    promoted: true,
    says: "RMSE 0.8000 against 0.8000 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference 0.0000, with 95 % confidence between -0.0040 and 0.0050; surely not worse by more than 0.005.",
  },
  {
    sentence: "not surely within what is tolerated, though better on these films",
    champion: compared({ difference: -0.001, lower: -0.0071, upper: 0.0051 }),
    promoted: false,
    says: "RMSE 0.8000 against 0.8000 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference -0.0010, with 95 % confidence between -0.0071 and 0.0051; it may be worse by more than the 0.005 that is accepted.",
  },
  {
    sentence: "surely worse than the champion",
    champion: compared({ candidateRmse: 0.85, difference: 0.05, lower: 0.03, upper: 0.07 }),
    promoted: false,
    says: "RMSE 0.8500 against 0.8000 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference 0.0500, with 95 % confidence between 0.0300 and 0.0700; it may be worse by more than the 0.005 that is accepted.",
  },
  {
    sentence: "films that the champion may have learned from are named",
    champion: compared({ leftOut: 120, films: 680, from: "2013-01-01" as CalendarDate }),
    promoted: true,
    says: "RMSE 0.8000 against 0.8000 of the champion (version 4) on the same 680 films released from 2013-01-01 on (without 120 that the champion may have learned from): difference 0.0000, with 95 % confidence between -0.0040 and 0.0040; surely not worse by more than 0.005.",
  },
  {
    sentence: "a comparison that gave no number stops it",
    champion: compared({ upper: Number.NaN }),
    promoted: false,
    says: "RMSE 0.8000 against 0.8000 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference 0.0000, with 95 % confidence between -0.0040 and NaN; it may be worse by more than the 0.005 that is accepted.",
  },
  {
    sentence: "a champion that learned from nearly all of its test films is not compared",
    champion: { version: 4, compared: "too-few-films", films: 49, leftOut: 751 },
    promoted: true,
    says: "It is not compared with the champion (version 4): 49 films are left that neither has learned from (without 751 that the champion may have learned from), and 50 are needed.",
  },
  {
    sentence: "a champion that reads other features is not compared",
    champion: { version: 4, compared: "impossible", why: "It reads other features." },
    promoted: true,
    says: "It is not compared with the champion (version 4): It reads other features.",
  },
  {
    sentence: "without a comparable champion the baselines still count",
    candidate: { rmse: 0.95 },
    champion: { version: 4, compared: "impossible", why: "It reads other features." },
    promoted: false,
    says: "RMSE 0.9500 is not better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
  },
  {
    sentence: "the champion made once more is refused",
    champion: { version: 4, compared: "nothing-new" },
    promoted: false,
    says: "Nothing new was learned: the champion (version 4) was made from the same films with the same settings.",
  },
  {
    sentence: "a refit that has learned nothing of the tested films passes",
    refitRmse: 0.805,
    promoted: true,
    says: "There is no champion yet.",
  },
  {
    sentence: "a refit that is worse on films that it has learned from stops it",
    refitRmse: 0.8051,
    promoted: false,
    says: "Refitted on all films its RMSE on the tested ones is 0.8051, and it was 0.8000 before it had learned from them.",
  },
  {
    sentence: "a refit whose error is no number stops it",
    refitRmse: Number.NaN,
    promoted: false,
    says: "Refitted on all films its RMSE on the tested ones is NaN, and it was 0.8000 before it had learned from them.",
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
  test.each(rows)("$sentence", ({ candidate, refitRmse = 0.05, champion, promoted, says }) => {
    const decision = decidePromotion({
      candidate: metrics(candidate),
      refitRmse,
      champion,
      now,
    });
    expect(decision.promoted).toBe(promoted);
    expect(decision.reasons).toContain(says);
  });

  test("what a person rolled back does not come again by the same bytes, however good its figures", () => {
    const decision = decidePromotion({
      candidate: metrics(),
      refitRmse: 0.05,
      champion: compared({ upper: -0.01 }),
      takenBack: { version: 5, movedBy: "an operator", reason: "It rates remakes too high." },
      now,
    });
    expect(decision).toEqual({
      promoted: false,
      reasons: [
        "It is version 5 again, byte for byte, which was champion until an operator replaced it: It rates remakes too high.",
      ],
    });
  });

  test("a refusal tells everything that speaks against the candidate and nothing that speaks for it", () => {
    const decision = decidePromotion({
      candidate: metrics({ rmse: 0.95, bias: 0.7 }),
      refitRmse: 0.9,
      champion: compared({ candidateRmse: 0.95, difference: 0.15, lower: 0.1, upper: 0.2 }),
      now,
    });
    expect(decision.reasons).toEqual([
      "It is off by 0.7000 on average; at most 0.5 is accepted.",
      "RMSE 0.9500 is not better than director's average's 0.9000 on 900 films released from 2012-01-01 on.",
      "RMSE 0.9500 against 0.8000 of the champion (version 4) on the same 800 films released from 2012-01-01 on: difference 0.1500, with 95 % confidence between 0.1000 and 0.2000; it may be worse by more than the 0.005 that is accepted.",
    ]);
  });
});
