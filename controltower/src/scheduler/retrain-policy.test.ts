import { describe, expect, it } from "vitest";
import { decideRetrain, type RetrainCase, type RetrainHistory } from "./retrain-policy.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const SETTINGS = { maxPerDay: 3, coolDownSeconds: 21_600, minNewRatings: 50 };

/** Nothing speaks against it. */
const QUIET: RetrainHistory = {
  actedUpon: false,
  runningRunId: undefined,
  acceptedAt: [],
  lastTrainingEndedAt: undefined,
  newMatureRatings: 50,
};

function secondsAgo(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1_000);
}

function answerTo(history: Partial<RetrainHistory>, rest: Partial<RetrainCase> = {}) {
  return decideRetrain({
    now: NOW,
    alertName: "PredictionDrift",
    history: { ...QUIET, ...history },
    settings: SETTINGS,
    ...rest,
  });
}

describe("retrain policy", () => {
  it.each<[string, Partial<RetrainHistory>, string]>([
    ["accepts where nothing speaks against it", {}, "ACCEPTED"],
    ["acts upon an alert once", { actedUpon: true }, "ALREADY_ACTED_UPON"],
    ["never trains twice at a time", { runningRunId: "r1" }, "ALREADY_RUNNING"],
    ["accepts a third in a day", { acceptedAt: [1, 2].map(secondsAgo) }, "ACCEPTED"],
    ["refuses a fourth in a day", { acceptedAt: [1, 2, 3].map(secondsAgo) }, "TOO_MANY_TODAY"],
    ["counts one of a second less than a day ago", { acceptedAt: [1, 2, 86_399].map(secondsAgo) }, "TOO_MANY_TODAY"],
    ["forgets one of exactly a day ago", { acceptedAt: [1, 2, 86_400].map(secondsAgo) }, "ACCEPTED"],
    ["cools down a second before six hours", { lastTrainingEndedAt: secondsAgo(21_599) }, "COOLING_DOWN"],
    ["has cooled down after six hours", { lastTrainingEndedAt: secondsAgo(21_600) }, "ACCEPTED"],
    ["refuses 49 new ratings", { newMatureRatings: 49 }, "TOO_FEW_NEW_RATINGS"],
    ["accepts 50 new ratings", { newMatureRatings: 50 }, "ACCEPTED"],
    ["refuses the same data", { newMatureRatings: 0 }, "NO_NEW_RATINGS"],
    ["refuses where there are fewer ratings than before", { newMatureRatings: -3 }, "NO_NEW_RATINGS"],
    [
      "names the repeat first, whatever else speaks against it",
      { actedUpon: true, runningRunId: "r1", newMatureRatings: 0 },
      "ALREADY_ACTED_UPON",
    ],
    [
      "names the running one before the cool-down",
      { runningRunId: "r1", lastTrainingEndedAt: secondsAgo(1) },
      "ALREADY_RUNNING",
    ],
  ])("%s", (_sentence, history, code) => {
    expect(answerTo(history)).toMatchObject({ code, accepted: code === "ACCEPTED" });
  });

  it.each<[string, number, string]>([
    ["accepts a single new rating", 1, "ACCEPTED"],
    ["refuses the same data all the same", 0, "NO_NEW_RATINGS"],
  ])("with measured decay %s", (_sentence, newMatureRatings, code) => {
    expect(answerTo({ newMatureRatings }, { alertName: "LiveErrorHigh" })).toMatchObject({ code });
  });

  it("with measured decay keeps the cool-down", () => {
    expect(answerTo({ lastTrainingEndedAt: NOW }, { alertName: "LiveErrorHigh" })).toMatchObject({
      code: "COOLING_DOWN",
    });
  });

  it("without a cool-down accepts at the very end of a run", () => {
    const settings = { ...SETTINGS, coolDownSeconds: 0 };
    expect(answerTo({ lastTrainingEndedAt: NOW }, { settings })).toMatchObject({ code: "ACCEPTED" });
  });

  it("with none a day allowed refuses all", () => {
    expect(answerTo({}, { settings: { ...SETTINGS, maxPerDay: 0 } })).toMatchObject({ code: "TOO_MANY_TODAY" });
  });

  it("gives its figures in its reason", () => {
    expect(answerTo({ newMatureRatings: 49 }).reason).toBe(
      "There are 49 new mature ratings; without measured decay 50 are needed.",
    );
    expect(answerTo({ newMatureRatings: 1 }, { alertName: "LiveErrorHigh" }).reason).toBe(
      "The champion's live error has grown. There is 1 new mature rating.",
    );
  });
});
