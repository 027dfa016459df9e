import type { EpochDay } from "@marquee/shared/contracts/time";
import type { FilmFacts, LaterFacts } from "@marquee/shared/features/film-facts";
import { MATURE_VOTES } from "@marquee/shared/features/maturity";
import type { SeededRandom } from "../../training/seeded-random.ts";

/** What the noise has to know to change a film. */
export interface FactNoise {
  random: SeededRandom;
  /** The day from which on everything is noise. */
  asOf: EpochDay;
  /** Its announced facts stay: it was out before `asOf`, or is one whose features are compared. */
  stands: boolean;
  /** Whose facts it takes where its own do not stand. */
  donor: FilmFacts;
  /** Of the collection that TMDB would make for it alone. */
  newCollectionId: number;
  /** Whether another film of the collection was out before `asOf`. */
  established(collectionId: number): boolean;
}

/** Months to years after the day, in days. */
const MOVED_DAYS = 1_500;
/**
 * A shift of ids keeps their order, which decides the last bits of sums; it makes every memo by id miss, and shows who
 * takes an id for a number. Genres alone keep theirs: columns name them.
 */
const RENAMED = 500_000_000;

/**
 * A film's facts as another future would have told them. Each field has its line here, so that a new one without does
 * not compile: what was known before stays, what became known later does not.
 */
export function noisyFacts(own: FilmFacts, noise: FactNoise): Required<FilmFacts> {
  const known = noise.stands ? own : noise.donor;
  return {
    title: known.title,
    overview: known.overview,
    tagline: known.tagline,
    releaseDay: noise.stands ? own.releaseDay : ((noise.asOf + noise.random.below(MOVED_DAYS)) as EpochDay),
    runtimeMinutes: known.runtimeMinutes,
    budgetUsd: known.budgetUsd,
    language: known.language,
    countries: known.countries,
    genreIds: known.genreIds,
    directorIds: known.directorIds?.map(renamedOrNull),
    writerIds: known.writerIds?.map(renamedOrNull),
    composerIds: known.composerIds?.map(renamedOrNull),
    castIds: known.castIds?.map(renamedOrNull),
    companyIds: known.companyIds?.map(renamedOrNull),
    collectionId: noisyCollection(own, noise),
  };
}

/** What became known after release, of a film whose outcome is not known on the day. Every value is another one. */
export function noisyLaterFacts(own: LaterFacts, random: SeededRandom): Required<LaterFacts> {
  return {
    observed: noisyObservation(own.observed, random),
    keywords: noisyKeywords(random),
    revenueUsd: random.below(4) === 0 && own.revenueUsd !== undefined ? undefined : 1 + random.below(2_000_000_000),
  };
}

/**
 * The same film where its outcome was known before: only what has no day of its own, and so may be of any, changes. Its
 * rating counts by event time; how many have voted by now does not, but for being enough or too few to count.
 */
export function undatedLaterFacts(own: LaterFacts, random: SeededRandom): Required<LaterFacts> {
  const observed = own.observed && { rating: own.observed.rating, votes: otherVotes(own.observed.votes, random) };
  return { observed, keywords: noisyKeywords(random), revenueUsd: own.revenueUsd };
}

/** By another id that keeps its place in the order. */
export function renamed(id: number): number {
  return id + RENAMED;
}

function renamedOrNull(id: number | null): number | null {
  return id === null ? null : renamed(id);
}

/**
 * TMDB makes a collection when a second film comes. So that a film is in one tells, until one of its films is out, only
 * that it will have a sequel: in another future it has none, and one that stands alone has.
 */
function noisyCollection(own: FilmFacts, { stands, established, newCollectionId }: FactNoise): number | undefined {
  const id = own.collectionId;
  if (id !== undefined && established(id)) return stands ? renamed(id) : undefined;
  if (id !== undefined) return undefined;
  return stands ? newCollectionId : undefined;
}

function noisyObservation(own: LaterFacts["observed"], random: SeededRandom): LaterFacts["observed"] {
  if (own !== undefined && random.below(8) === 0) return undefined;
  // At least 0.5 away from its own on the scale of 1 to 10, which is closed to a ring.
  const rating = ((own?.rating ?? 5) - 1 + 0.5 + 8 * random.next()) % 9;
  const votes = random.below(8) === 0 ? random.below(50) : 50 + random.below(3_000_000);
  return { rating: 1 + Math.round(rating * 10) / 10, votes: votes === own?.votes ? votes + 1 : votes };
}

/** Another number on the same side of what makes a rating mature. */
function otherVotes(votes: number, random: SeededRandom): number {
  return votes < MATURE_VOTES
    ? (votes + 1 + random.below(MATURE_VOTES - 1)) % MATURE_VOTES
    : votes + 1 + random.below(votes);
}

function noisyKeywords(random: SeededRandom): string[] {
  return Array.from({ length: 1 + random.below(9) }, () => `noise ${random.below(1_000_000)}`);
}
