import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { calendarDate, type EpochDay } from "@marquee/shared/contracts/time";
import type { FilmFacts } from "@marquee/shared/features/film-facts";
import type { SeededRandom } from "../../training/seeded-random.ts";
import type { CatalogFilm } from "../load-films.ts";
import { type FactNoise, noisyFacts, noisyLaterFacts, renamed, undatedLaterFacts } from "./noise-facts.ts";

export interface NoiseOptions {
  films: readonly CatalogFilm[];
  /** The day from which on everything is noise. */
  asOf: EpochDay;
  /** Films whose features are compared: their announced facts stay, whenever they come out. */
  compared: ReadonlySet<TmdbId>;
  /** Days after its release from which a film's rating counts. */
  maturityDays: number;
  random: SeededRandom;
}

/** The noise's own films, beyond every id of TMDB. */
const INVENTED_IDS = 1_500_000_000;
/** Collections of the noise's own, each by the id of its first film. */
const NEW_COLLECTIONS = 1_500_000_000;
/** Of films that are not out, one in so many never comes. */
const VANISHING = 4;
/** When a compared film's invented relatives come out: on the day itself, within the month, within two years. */
const RELATIVES = [
  [0, 1],
  [1, 27],
  [28, 700],
] as const;

/**
 * The catalog of another future: as of the day nobody could tell it from the real one. Films that were out before stay
 * as they were announced; those from the day on are others, on other days, or never come; outcomes that were not known
 * on the day are others; and every compared film has later relatives with its people, genres and words, and extreme
 * figures, so that whoever looks ahead sees something else. Ids are others in the same order.
 */
export function noiseWorld(options: NoiseOptions): CatalogFilm[] {
  const { films, compared, random } = options;
  const collections = collectionsOnTheDay(options);
  const world: CatalogFilm[] = [];
  const relatives: CatalogFilm[] = [];
  for (const film of films) {
    const looked = compared.has(film.tmdbId);
    const stands = looked || isOut(film.facts, options.asOf);
    if (!stands && random.below(VANISHING) === 0) continue;
    const donor = films[random.below(films.length)] ?? film;
    const noisy = noisyFilm(film, { ...options, stands, donor: donor.facts, collections });
    world.push(noisy);
    if (looked)
      for (const days of RELATIVES) relatives.push(relativeOf(noisy, INVENTED_IDS + relatives.length, days, options));
  }
  return [...world, ...relatives];
}

/** Released strictly before the day. */
function isOut({ releaseDay }: FilmFacts, asOf: EpochDay): boolean {
  return releaseDay !== undefined && releaseDay < asOf;
}

/** Of each collection how many films were out before the day, and how many compared ones were announced. */
type Collections = ReadonlyMap<number, { out: number; announced: number }>;

function collectionsOnTheDay({ films, asOf, compared }: NoiseOptions): Collections {
  const collections = new Map<number, { out: number; announced: number }>();
  for (const { tmdbId, facts } of films) {
    const id = facts.collectionId;
    if (id === undefined) continue;
    const { out, announced } = collections.get(id) ?? { out: 0, announced: 0 };
    if (isOut(facts, asOf)) collections.set(id, { out: out + 1, announced });
    else if (compared.has(tmdbId)) collections.set(id, { out, announced: announced + 1 });
  }
  return collections;
}

/** A film that is out makes a collection with another that is out or announced, an announced one with those that are out. */
function isEstablished(collections: Collections, id: number, itselfOut: boolean): boolean {
  const { out, announced } = collections.get(id) ?? { out: 0, announced: 0 };
  return itselfOut ? out - 1 + announced > 0 : out > 0;
}

interface FilmNoise extends NoiseOptions, Pick<FactNoise, "stands" | "donor"> {
  collections: Collections;
}

function noisyFilm(film: CatalogFilm, noise: FilmNoise): Required<CatalogFilm> {
  const { asOf, maturityDays, random } = noise;
  const itselfOut = isOut(film.facts, asOf);
  const established = (id: number) => isEstablished(noise.collections, id, itselfOut);
  const facts = noisyFacts(film.facts, { ...noise, established, newCollectionId: NEW_COLLECTIONS + film.tmdbId });
  const { releaseDay } = film.facts;
  const known = releaseDay !== undefined && releaseDay + maturityDays < asOf;
  return {
    tmdbId: renamed(film.tmdbId) as TmdbId,
    imdbId: film.imdbId && renamedTitle(film.imdbId),
    ...placed(facts),
    facts,
    later: known ? undatedLaterFacts(film.later, random) : noisyLaterFacts(film.later, random),
  };
}

function renamedTitle(imdbId: ImdbId): ImdbId {
  return `tt${renamed(Number(imdbId.slice(2)))}` as ImdbId;
}

/** A film of the same people, kinds and words as another, later and with extreme figures. */
function relativeOf(
  { facts: theirs }: CatalogFilm,
  id: number,
  [from, days]: readonly [number, number],
  { asOf, random }: NoiseOptions,
): CatalogFilm {
  const facts: FilmFacts = {
    ...theirs,
    releaseDay: (asOf + from + random.below(days)) as EpochDay,
    runtimeMinutes: 600 + random.below(100),
    budgetUsd: 3_000_000_000 + random.below(1_000_000_000),
  };
  const observed = { rating: random.below(2) === 0 ? 1 : 10, votes: 1_000_000 + random.below(4_000_000) };
  return {
    ...{ tmdbId: id as TmdbId, imdbId: undefined, facts },
    ...placed(facts),
    later: { observed, keywords: ["sequel"], revenueUsd: 4_000_000_000 },
  };
}

/** What a film of the catalog repeats of its facts. */
function placed({ title, releaseDay }: FilmFacts): Pick<CatalogFilm, "title" | "releaseDate"> {
  return { title: title ?? "", releaseDate: releaseDay === undefined ? undefined : calendarDate(releaseDay) };
}
