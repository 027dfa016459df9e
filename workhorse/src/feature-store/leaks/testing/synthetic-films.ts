import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, calendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import type { FilmFacts } from "@marquee/shared/features/film-facts";
import { createSeededRandom, type SeededRandom } from "../../../training/seeded-random.ts";
import type { CatalogFilm } from "../../load-films.ts";

const GENRES = [18, 35, 28, 53, 27, 878];
const LANGUAGES = ["en", "en", "en", "fr", "ja", "hi"];
const COUNTRIES = ["US", "GB", "FR", "JP", "IN"];
const WORDS = "love war city night child king road secret river dream police island winter game train dance".split(" ");

export interface SyntheticFilmsOptions {
  films: number;
  seed?: number;
  first?: string;
  last?: string;
}

/** Films that never were, by a small crew who work together often, some a day apart and some on the same day. */
export function syntheticFilms(options: SyntheticFilmsOptions): CatalogFilm[] {
  const { films, seed = 7, first = "2000-01-01", last = "2009-12-31" } = options;
  const [from, to] = [epochDay(first as CalendarDate), epochDay(last as CalendarDate)];
  const random = createSeededRandom(seed, 0xf11);
  return Array.from({ length: films }, (_, i) => {
    // Some without a day, and most on Fridays, so that many share one.
    const day = from + random.below(to - from);
    const releaseDay = random.below(40) === 0 ? undefined : ((day - (day % 7)) as EpochDay);
    return syntheticFilm(i + 1, syntheticFacts(releaseDay, Math.ceil(films / 12), random), random);
  });
}

function syntheticFilm(id: number, facts: FilmFacts, random: SeededRandom): CatalogFilm {
  const rated = random.below(10) > 0;
  return {
    tmdbId: id as TmdbId,
    imdbId: `tt${String(1_000_000 + id)}` as ImdbId,
    title: facts.title ?? "",
    releaseDate: facts.releaseDay === undefined ? undefined : calendarDate(facts.releaseDay),
    facts,
    later: {
      observed: rated ? { rating: Math.round(10 + 90 * random.next()) / 10, votes: random.below(20_000) } : undefined,
      keywords: some(random, (r) => words(r, 3)),
      revenueUsd: some(random, (r) => 1 + r.below(500_000_000)),
    },
  };
}

function syntheticFacts(releaseDay: EpochDay | undefined, people: number, random: SeededRandom): FilmFacts {
  const person = (r: SeededRandom) => 1 + r.below(people);
  return {
    title: words(random, 2).join(" "),
    overview: some(random, (r) => words(r, 12).join(" ")),
    tagline: some(random, (r) => words(r, 4).join(" ")),
    releaseDay,
    runtimeMinutes: some(random, (r) => 70 + r.below(80)),
    budgetUsd: some(random, (r) => 1 + r.below(100_000_000)),
    language: one(LANGUAGES, random),
    countries: some(random, (r) => [one(COUNTRIES, r)]),
    genreIds: [one(GENRES, random)],
    directorIds: some(random, (r) => [person(r)]),
    writerIds: some(random, (r) => several(2, r, person)),
    composerIds: some(random, (r) => [person(r)]),
    castIds: some(random, (r) => several(1 + r.below(5), r, person)),
    companyIds: some(random, (r) => several(2, r, () => 1 + r.below(20))),
    collectionId: random.below(4) === 0 ? 1 + random.below(30) : undefined,
  };
}

/** Now and then undefined. */
function some<T>(random: SeededRandom, value: (random: SeededRandom) => T): T | undefined {
  return random.below(10) === 0 ? undefined : value(random);
}

function several(count: number, random: SeededRandom, value: (random: SeededRandom) => number): number[] {
  return [...new Set(Array.from({ length: count }, () => value(random)))];
}

function words(random: SeededRandom, count: number): string[] {
  return Array.from({ length: count }, () => one(WORDS, random));
}

function one<T>(list: readonly T[], random: SeededRandom): T {
  return list[random.below(list.length)] as T;
}
