import { describe, expect, it } from "vitest";
import { type TmdbRating, takeRatings } from "./tmdb-ratings.ts";

/** `"1:7/10"`: on the first, 7 of 10 votes. */
const series = (text: string): TmdbRating[] =>
  text
    .split(" ")
    .filter((part) => part !== "")
    .map((part) => {
      const [day = "", average = "", votes = ""] = part.split(/[:/]/);
      return { observedOn: `2026-01-0${day}`, average: Number(average), votes: Number(votes) };
    });
const days = (text: string) => series(text).map(({ observedOn }) => observedOn);

describe("TMDB's ratings of a film", () => {
  it.each([
    ["", "1:7/10", "1:7/10", "", "the first is written"],
    ["1:7/10", "2:7/10", "", "", "one that says the same as the last is none"],
    ["1:7/10", "2:7/11", "2:7/11", "", "one with other votes is written"],
    ["1:7/10", "2:7.1/10", "2:7.1/10", "", "so is one with another average"],
    ["1:7.1/10", "2:7.100000001/10", "", "", "what the column cannot tell apart is the same"],
    ["1:7/10", "1:8/11", "", "", "of a day the first counts"],
    ["", "1:7/10 1:8/11 2:7/10", "1:7/10", "", "within a load too"],
    ["", "1:7/10 2:7/10 3:8/11 4:8/11 5:7/10", "1:7/10 3:8/11 5:7/10", "", "a load of many keeps what changes"],
    ["3:8/11", "1:7/10", "1:7/10", "", "one that comes late is written"],
    ["3:7/10", "1:7/10", "1:7/10", "3:0/0", "and takes the place of a later one that says the same"],
    ["1:7/10 5:8/11", "3:7/10", "", "", "a late one that says what was known then is none"],
  ])("%j and %j: adds %j, removes %j: %s", (known, seen, added, removed, _why) => {
    expect(takeRatings(series(known), series(seen))).toEqual({ added: series(added), removed: days(removed) });
  });
});
