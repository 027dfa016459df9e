import { GENRES } from "@marquee/shared/contracts/genres";
import type { Genre } from "./film.ts";

type GenreName = (typeof GENRES)[number]["name"];

/** The words of the sample's three sources that say one of TMDB's genres clearly. Others (Teen, Spy, Noir …) say none. */
const GENRES_OF_WORD = {
  // vega-datasets, "Major Genre"
  Action: ["Action"],
  Adventure: ["Adventure"],
  "Black Comedy": ["Comedy"],
  Comedy: ["Comedy"],
  "Concert/Performance": ["Music", "Documentary"],
  Documentary: ["Documentary"],
  Drama: ["Drama"],
  Horror: ["Horror"],
  Musical: ["Music"],
  "Romantic Comedy": ["Romance", "Comedy"],
  "Thriller/Suspense": ["Thriller"],
  Western: ["Western"],
  // vega-datasets, "Creative Type", and Wikipedia
  Fantasy: ["Fantasy"],
  "Science Fiction": ["Science Fiction"],
  // Wikipedia
  Animated: ["Animation"],
  Crime: ["Crime"],
  Family: ["Family"],
  Historical: ["History"],
  "Martial Arts": ["Action"],
  Mystery: ["Mystery"],
  Romance: ["Romance"],
  Satire: ["Comedy"],
  Slasher: ["Horror"],
  Suspense: ["Thriller"],
  Thriller: ["Thriller"],
  War: ["War"],
} as const satisfies Record<string, readonly GenreName[]>;

const idOf = new Map<GenreName, number>(GENRES.map(({ id, name }) => [name, id]));

/** TMDB's genres for the sample's words, each once, in the order of the words. */
export function genresOfWords(words: readonly (string | null)[]): Genre[] {
  const names = new Set<GenreName>(words.flatMap((word) => (isKnownWord(word) ? GENRES_OF_WORD[word] : [])));
  return [...names].map((name) => ({ id: idOf.get(name) ?? 0, name }));
}

function isKnownWord(word: string | null): word is keyof typeof GENRES_OF_WORD {
  return word !== null && Object.hasOwn(GENRES_OF_WORD, word);
}

/** IMDb names at most three genres, by the alphabet, and calls science fiction Sci-Fi. */
export function imdbGenres(genres: readonly Genre[]): string | null {
  const names = genres.slice(0, 3).map(({ name }) => (name === "Science Fiction" ? "Sci-Fi" : name));
  return names.sort().join(",") || null;
}
