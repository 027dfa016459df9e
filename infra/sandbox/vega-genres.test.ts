import { describe, expect, test } from "vitest";
import { genresOfWords, imdbGenres } from "./vega-genres.ts";

describe("TMDB's genres of the sample's words", () => {
  const rows: { says: string; words: (string | null)[]; names: string[] }[] = [
    { says: "suspense is a thriller", words: ["Thriller/Suspense"], names: ["Thriller"] },
    { says: "a romantic comedy is both", words: ["Romantic Comedy"], names: ["Romance", "Comedy"] },
    { says: "a black comedy is a comedy", words: ["Black Comedy"], names: ["Comedy"] },
    { says: "a concert is music, documented", words: ["Concert/Performance"], names: ["Music", "Documentary"] },
    {
      says: "words of all sources come together, each genre once",
      words: ["Action", "Science Fiction", "Action", "War"],
      names: ["Action", "Science Fiction", "War"],
    },
    {
      says: "words that say no genre clearly say none",
      words: ["Teen", "Noir", "Dramatization", "toString"],
      names: [],
    },
    { says: "nothing is nothing", words: [null, null], names: [] },
  ];
  test.each(rows)("$says", ({ words, names }) => {
    expect(genresOfWords(words).map(({ name }) => name)).toEqual(names);
  });

  test("have TMDB's ids", () => {
    expect(genresOfWords(["Science Fiction", "Musical"])).toEqual([
      { id: 878, name: "Science Fiction" },
      { id: 10402, name: "Music" },
    ]);
  });
});

test("IMDb has three genres at most, by the alphabet and in its own words", () => {
  expect(imdbGenres(genresOfWords(["Thriller", "Science Fiction", "Action", "War"]))).toBe("Action,Sci-Fi,Thriller");
  expect(imdbGenres([])).toBeNull();
});
