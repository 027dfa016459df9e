import { GENRES } from "../contracts/genres.ts";
import type { EpochDay } from "../contracts/time.ts";
import type { FeatureInput } from "./feature-view.ts";
import { type FilmFacts, type LaterFacts, UNKNOWN_FILM } from "./film-facts.ts";
import { buildRatingHistory, type RatedFilm } from "./rating-history.ts";
import { THEMES } from "./text-themes.ts";

/** More than any window of views takes in, so that a changed window changes an answer. */
const HISTORY_FILMS = 330;
/** The last of them are asked about: every field is there with some and lacks with others. */
const PROBES = 48;
/** Closer together than any window of days, several on some days. */
const DAYS_BETWEEN = 1.5;
const FIRST_DAY = 10_957;

/** Every word that a view knows occurs with some film. */
const WORDS = Object.values(THEMES).flatMap((words) => words.split(" "));
const WORDS_PER_FILM = Math.ceil(WORDS.length / PROBES);
const TITLES = [
  ...[
    "Night",
    "Rocky 2",
    "Rocky II",
    "Rocky VI",
    "Saw VII",
    "Henry VIII",
    "Star Wars: Episode IX",
    "Malcolm X",
    "2046",
  ],
  ...["Alien 3: Return", "Ocean's 12", "Room 1408", "Part Two", "Kill Bill: Vol. 2", "Chapter 27", "Se7en"],
];
const LANGUAGES = ["en", "fr", "ja", "hi", "sw"];
const COUNTRIES = ["US", "GB", "FR", "IN", "JP", "DE"];
const KEYWORDS = ["woman director", "murder", "sport", "musical", "noise"];

/**
 * Films that never were, the same in every release: what views answer about them is a part of their identity
 * (view-hash.ts), since a changed function with an unchanged definition means something else.
 */
export function probeInputs(): FeatureInput[] {
  const films = Array.from({ length: HISTORY_FILMS }, (_, i) => probeFilm(i));
  const records = buildRatingHistory(films, 0);
  return films.slice(-PROBES).map(({ facts }, i) => {
    const film = i % 8 === 7 ? sparse(facts, i) : facts;
    // A film that is not out yet stands as of an earlier day.
    const asOf = ((facts.releaseDay ?? FIRST_DAY) - (i % 6 === 5 ? 40 : 0)) as EpochDay;
    return { film, asOf, record: (key) => records.get(key), ...(i % 5 === 4 ? {} : { later: laterOf(i) }) };
  });
}

function probeFilm(i: number): RatedFilm {
  const draw = (salt: number, below: number) => mixed(i, salt) % below;
  const someOf = <T>(salt: number, from: readonly T[], most: number): T[] =>
    [...new Set(Array.from({ length: 1 + draw(salt, most) }, (_, j) => from[draw(salt + 1 + j, from.length)]))].filter(
      (item) => item !== undefined,
    );
  const ids = (salt: number, people: number, most: number) =>
    Array.from({ length: 1 + draw(salt, most) }, (_, j) => 1 + draw(salt + 1 + j, people));
  return {
    tmdbId: i + 1,
    rating: 1 + draw(90, 91) / 10,
    facts: {
      title: TITLES[i % TITLES.length],
      overview: `A ${wordsOf(i).join(" and a ")}, then ${draw(2, 9)} more.`,
      tagline: `Of ${someOf(12, WORDS, 3).join(" ")}`,
      releaseDay: (FIRST_DAY + Math.floor(i * DAYS_BETWEEN) - draw(20, 3)) as EpochDay,
      runtimeMinutes: 60 + draw(21, 120),
      budgetUsd: 1_000 * (1 + draw(22, 200_000)),
      language: LANGUAGES[draw(23, LANGUAGES.length)],
      countries: someOf(24, COUNTRIES, 6),
      genreIds: someOf(
        34,
        GENRES.map(({ id }) => id),
        3,
      ),
      directorIds: ids(40, 12, 2),
      writerIds: ids(45, 20, 3),
      composerIds: ids(50, 9, 2),
      castIds: ids(55, 30, 5),
      companyIds: ids(65, 6, 3),
      collectionId: draw(70, 3) === 0 ? 1 + draw(71, 9) : undefined,
    },
  };
}

function wordsOf(i: number): string[] {
  const from = (i % PROBES) * WORDS_PER_FILM;
  return WORDS.slice(from, from + WORDS_PER_FILM);
}

/** The film with some of its fields unknown, empty or with a member that is not known. */
function sparse(facts: FilmFacts, i: number): FilmFacts {
  const lacking = { ...facts, castIds: [null, ...(facts.castIds ?? [])], writerIds: [], genreIds: [], countries: [] };
  if (i % 16 === 7) return lacking;
  return { ...UNKNOWN_FILM, directorIds: [null], tagline: facts.tagline };
}

function laterOf(i: number): LaterFacts {
  return {
    observed: i % 7 === 6 ? undefined : { rating: 1 + (mixed(i, 91) % 91) / 10, votes: mixed(i, 92) % 10_000 },
    keywords: i % 7 === 5 ? undefined : KEYWORDS.filter((_, j) => mixed(i, 93 + j) % 2 === 0),
    revenueUsd: i % 7 === 4 ? undefined : 1 + (mixed(i, 99) % 1_000_000),
  };
}

/** A whole number below 2^32 that looks drawn by lot: the finalizer of MurmurHash3. */
function mixed(i: number, salt: number): number {
  let hash = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
