import type { TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, calendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { asOfDay } from "@marquee/shared/features/compute-features";
import type { FilmFacts } from "@marquee/shared/features/film-facts";
import { RATING_GROUPS } from "@marquee/shared/features/film-views";
import { createFreshness, type Freshness } from "@marquee/shared/features/freshness";
import type { FilmCard } from "@marquee/shared/features/online-layout";
import type { MarqueeError } from "@marquee/shared/service/errors";
import { pathOf, requestInvalid } from "./field-errors.ts";
import type { ParsedRequest } from "./parse-request.ts";

/** All that an answer can tell of: what the model reads. */
export const ALL_GROUPS = RATING_GROUPS;

/**
 * A request on its way to its features:
 *
 *   by id           film ──► a row per view ──────────────┐
 *                     └────► facts (another day, or rows  ├──► values
 *                              that do not fit together) ─┤
 *   by description  names ─► facts ──► records ───────────┘
 */
export interface FeatureDraft extends ParsedRequest {
  tmdbId: TmdbId | undefined;
  /** Nothing lies online of the film that was asked for. */
  absent: boolean;
  /** What the catalog says of the film that was asked for. */
  card: FilmCard | undefined;
  /** What to compute the features from, where they do not lie ready. */
  facts: FilmFacts | undefined;
  asOf: EpochDay | undefined;
  /** One number per column of the model's views. */
  values: Float64Array | undefined;
  /** Of what the values are made from. */
  freshness: Freshness;
  /** Names as given that the catalog does not know. */
  unrecognised: string[];
  problem: MarqueeError | undefined;
}

export function createDraft(parsed: ParsedRequest): FeatureDraft {
  const { movie } = parsed.request;
  return {
    ...parsed,
    tmdbId: "tmdbId" in movie ? movie.tmdbId : undefined,
    absent: false,
    card: undefined,
    facts: undefined,
    asOf: undefined,
    values: undefined,
    freshness: createFreshness(),
    unrecognised: [],
    problem: undefined,
  };
}

/**
 * Gives the draft the facts that its features will be computed from, and the day that they will hold for.
 * @throws REQUEST_INVALID where the request's `asOf` lies after today or after the release: then the film's own ratings
 * could be known, and the answer would be no prediction
 */
export function takeFacts(draft: FeatureDraft, facts: FilmFacts, today: EpochDay): void {
  const latest = asOfDay(today, facts.releaseDay);
  const { asOf } = draft.request;
  if (asOf !== undefined && epochDay(asOf) > latest) throw asOfTooLate(draft, asOf, latest, today);
  draft.facts = facts;
  draft.asOf = asOf === undefined ? latest : epochDay(asOf);
}

function asOfTooLate(draft: FeatureDraft, asOf: CalendarDate, latest: EpochDay, today: EpochDay): MarqueeError {
  const what = latest === today ? "today" : "the film's release";
  const path = pathOf(draft.at, ["asOf"]);
  return requestInvalid([{ path, message: `must be at most ${calendarDate(latest)}, ${what}; given: "${asOf}"` }]);
}
