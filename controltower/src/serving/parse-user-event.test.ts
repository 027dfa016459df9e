import { MarqueeError } from "@marquee/shared/service/errors";
import { describe, expect, test } from "vitest";
import { parseUserEvent } from "./parse-user-event.ts";

const NOW = new Date("2026-07-01T12:00:00Z");
const CLICK = { type: "click", userId: "u-7f3a", tmdbId: 603 };
const RATING = { ...CLICK, type: "rating", rating: 8.5 };

const TYPES = "must be one of rating, click, watch_start, watch_end, recommendation_click";
const PSEUDONYM = "must be 1 to 64 letters, digits, - or _: a pseudonym";
const MOMENT = "must be a moment in UTC, such as 2027-05-01T20:15:00Z";

type Row = [sentence: string, body: unknown, path: string, message: string];

const refused: Row[] = [
  ["no body", undefined, "body", "is missing: it must be an object"],
  ["a list", [CLICK], "body", "must be an object; given: a list of 1"],
  ["no type", { userId: "u", tmdbId: 1 }, "type", `is missing: it ${TYPES}`],
  ["a type of its own", { ...CLICK, type: "like" }, "type", `${TYPES}; given: "like"`],
  ["a type that is a number", { ...CLICK, type: 1 }, "type", `${TYPES}; given: 1`],
  ["no user", { type: "click", tmdbId: 1 }, "userId", `is missing: it ${PSEUDONYM}`],
  ["a name for a user", { ...CLICK, userId: "Ada L." }, "userId", `${PSEUDONYM}; given: "Ada L."`],
  ["an address for a user", { ...CLICK, userId: "a@b.example" }, "userId", `${PSEUDONYM}; given: "a@b.example"`],
  ["a film as text", { ...CLICK, tmdbId: "603" }, "tmdbId", 'must be a whole number; given: "603"'],
  ["a rating without a rating", { ...CLICK, type: "rating" }, "rating", "is missing: it must be a number"],
  ["a rating below 0", { ...RATING, rating: -1 }, "rating", "must be at least 0; given: -1"],
  ["a rating above 10", { ...RATING, rating: 11 }, "rating", "must be at most 10; given: 11"],
  ["a key of another type", { ...CLICK, rating: 8 }, "rating", "is not known here; accepted: type, userId, tmdbId, at"],
  [
    "an unknown key",
    { ...RATING, user_id: "u" },
    "user_id",
    "is not known here; accepted: type, rating, userId, tmdbId, at",
  ],
  ["a day for a moment", { ...CLICK, at: "2026-07-01" }, "at", `${MOMENT}; given: "2026-07-01"`],
  [
    "a moment in another zone",
    { ...CLICK, at: "2026-07-01T12:00:00+09:00" },
    "at",
    `${MOMENT}; given: "2026-07-01T12:00:00+09:00"`,
  ],
  ["a number for a moment", { ...CLICK, at: 1_782_000_000 }, "at", `${MOMENT}; given: 1782000000`],
  [
    "a moment in the future",
    { ...CLICK, at: "2026-07-01T12:05:01Z" },
    "at",
    'must not lie in the future; given: "2026-07-01T12:05:01Z"',
  ],
  [
    "a moment of the year 0, which no database knows",
    { ...CLICK, at: "0000-01-01T00:00:00Z" },
    "at",
    'must not lie before the year 1900; given: "0000-01-01T00:00:00Z"',
  ],
];

describe("a user event", () => {
  test.each(refused)("with %s is refused with the field and what is accepted", (_sentence, body, path, message) => {
    const result = parseUserEvent(body, NOW);
    expect(result).toBeInstanceOf(MarqueeError);
    expect(result).toMatchObject({ code: "REQUEST_INVALID", details: { errors: [{ path, message }] } });
  });

  test("with several wrong fields is told all of them", () => {
    expect(parseUserEvent({ type: "watch_end", userId: "", secondsWatched: -1 }, NOW)).toMatchObject({
      details: {
        errors: [
          { path: "secondsWatched", message: "must be at least 0; given: -1" },
          { path: "userId", message: `${PSEUDONYM}; given: ""` },
          { path: "tmdbId", message: "is missing: it must be a whole number" },
        ],
      },
    });
  });

  test.each([
    ["a click", CLICK],
    ["a rating", RATING],
    ["the end of watching", { ...CLICK, type: "watch_end", secondsWatched: 5_400 }],
    ["a clock that is five minutes ahead", { ...CLICK, at: "2026-07-01T12:05:00Z" }],
    ["a moment of years ago", { ...CLICK, at: "1999-03-30T20:00:00Z" }],
  ])("with %s is taken as it is", (_sentence, body) => {
    expect(parseUserEvent(body, NOW)).toEqual(body);
  });
});
