import { describe, expect, it } from "vitest";
import type { ImdbId, TmdbId } from "../contracts/ids.ts";
import type { CalendarDate } from "../contracts/time.ts";
import { decodeCard, encodeCard, normaliseName, ONLINE } from "./online-layout.ts";

describe("the online store's layout", () => {
  it("brings a card back", () => {
    const card = {
      tmdbId: 603 as TmdbId,
      imdbId: "tt0133093" as ImdbId,
      title: "The Matrix",
      releaseDate: "1999-03-30" as CalendarDate,
      actual: { rating: 8.7, votes: 2_000_000 },
    };
    expect(decodeCard(encodeCard(card))).toEqual(card);
  });

  it.each([
    ["  Jane   CAMPION ", "jane campion", "case and blanks do not matter"],
    ["Ame\u0301lie", "amélie", "nor does how an accent is encoded"],
    ["\u03aa\u0301", "\u0390", "nor what an accent becomes in small letters"],
    ["Amelie", "amelie", "but the accent itself does"],
  ])("names: %j is %j, since %s", (name, expected) => {
    expect(normaliseName(name)).toBe(expected);
  });

  it("keeps people and companies of one name apart", () => {
    expect(ONLINE.personName("A24")).not.toEqual(ONLINE.companyName("A24"));
  });
});
