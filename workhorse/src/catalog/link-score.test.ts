import { describe, expect, it } from "vitest";
import { type Candidate, chooseTitle, compareDirectors, linkScore, MIN_LINK_SCORE } from "./link-score.ts";

const exact = { title: "title", yearsApart: 0, director: "same" } as const;

describe("the score of a link", () => {
  it.each([
    [exact, true],
    [{ ...exact, yearsApart: 1 }, true],
    [{ ...exact, title: "aka", yearsApart: 1 }, true],
    [{ ...exact, director: "unknown" }, true],
    [{ ...exact, director: "unknown", yearsApart: 1 }, false],
    [{ ...exact, director: "unknown", title: "aka" }, false],
    [{ ...exact, director: "other" }, false],
    [{ ...exact, yearsApart: 2 }, false],
  ] as const)("of %j is enough for one: %s", (match, enough) => {
    expect(linkScore(match) >= MIN_LINK_SCORE).toBe(enough);
  });
});

describe("directors", () => {
  it.each([
    [["Lana Wachowski", "Lilly Wachowski"], ["LILLY WACHOWSKI"], "same"],
    [["Alejandro González Iñárritu"], ["Alejandro Gonzalez Inarritu"], "same"],
    [["Michael Mann"], ["Michael Bay"], "other"],
    [[], ["Michael Bay"], "unknown"],
    [["Michael Mann"], [], "unknown"],
  ])("%j and %j are %s", (ours, theirs, expected) => {
    expect(compareDirectors(ours, theirs)).toBe(expected);
  });
});

describe("of a film's candidates", () => {
  const of = (...scores: number[]): Candidate[] => scores.map((score, i) => ({ imdbNumber: i + 1, score }));

  it.each([
    [of(0.85), { imdbNumber: 1, kind: "link" }, "one that is good enough is linked"],
    [of(0.4, 1), { imdbNumber: 2, kind: "link" }, "the best, wherever it stands"],
    [of(1, 0.9), { imdbNumber: 1, kind: "link" }, "by a tenth ahead"],
    [of(1, 0.91), { imdbNumber: 1, kind: "ambiguous" }, "and no less"],
    [of(0.85, 0.85), { imdbNumber: 1, kind: "ambiguous" }, "of equals none"],
    [of(0.84), { imdbNumber: 1, kind: "ambiguous" }, "one that is nearly good enough is for a person"],
    [of(0.4), undefined, "one that is not is not worth a look"],
    [of(), undefined, "nor is nothing"],
  ] as const)("%j: %j, %s", (candidates, expected, _why) => {
    const choice = chooseTitle(candidates);
    expect(choice && { imdbNumber: choice.imdbNumber, kind: choice.kind }).toEqual(expected);
  });
});
