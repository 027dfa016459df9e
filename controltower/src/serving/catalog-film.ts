import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { type TmdbId, tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { decodeFilmFacts } from "@marquee/shared/features/film-facts";
import { RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { decodeCard, decodeText, decodeVector, ONLINE } from "@marquee/shared/features/online-layout";
import { MarqueeError } from "@marquee/shared/service/errors";
import { ALL_GROUPS, type FeatureDraft, takeFacts } from "./feature-draft.ts";
import { pathOf, shown } from "./field-errors.ts";
import { type Lookup, notMaterialised, type Stage } from "./online-stage.ts";

/** The key under which a film's TMDB id lies, where it was asked for by its IMDb id. */
export function imdbKeys({ request: { movie } }: FeatureDraft): OnlineKey[] {
  return "imdbId" in movie ? [ONLINE.byImdb(movie.imdbId)] : [];
}

/** @throws FILM_UNKNOWN */
export function takeTmdbId(draft: FeatureDraft, lookup: Lookup): void {
  const [key] = imdbKeys(draft);
  if (!key) return;
  const found = lookup(key);
  if (found.status === "missing") throw filmUnknown(draft);
  draft.tmdbId = tmdbIdSchema.parse(Number(decodeText(found.value)));
}

/**
 * A film of the catalog: what an answer says of it, and its vector where that holds for the day asked for and was made
 * by the views that the models of this process read.
 */
export const filmStage: Stage<FeatureDraft> = {
  concerns: ({ tmdbId }) => tmdbId !== undefined,
  keys: ({ tmdbId }) => (tmdbId === undefined ? [] : [ONLINE.features(tmdbId), ONLINE.card(tmdbId)]),
  take: (draft, lookup) => {
    const tmdbId = idOf(draft);
    const features = lookup(ONLINE.features(tmdbId));
    const card = lookup(ONLINE.card(tmdbId));
    if (features.status === "missing" && card.status === "missing") throw filmUnknown(draft);
    if (card.status !== "missing") draft.card = decodeCard(card.value);
    if (features.status === "missing") return;
    const vector = decodeVector(features.value);
    const { asOf } = draft.request;
    if (vector.viewsHash !== RATING_VIEWS_HASH || (asOf !== undefined && epochDay(asOf) !== vector.asOf)) return;
    draft.values = vector.values;
    draft.asOf = vector.asOf;
    if (features.status === "stale") draft.stale = new Set(ALL_GROUPS);
  },
};

/** The facts of a film of the catalog whose vector cannot be used. */
export function factsStage(today: EpochDay): Stage<FeatureDraft> {
  return {
    concerns: ({ tmdbId, values }) => tmdbId !== undefined && values === undefined,
    keys: ({ tmdbId }) => (tmdbId === undefined ? [] : [ONLINE.facts(tmdbId)]),
    take: (draft, lookup) => {
      const found = lookup(ONLINE.facts(idOf(draft)));
      if (found.status === "missing") {
        throw notMaterialised(`features of film ${draft.tmdbId} that fit the request and the model`);
      }
      takeFacts(draft, decodeFilmFacts(found.value), today);
      // The level of ratings is read from its own record.
      if (found.status === "stale") draft.stale = new Set(ALL_GROUPS.filter((group) => group !== "climate"));
    },
  };
}

function idOf({ tmdbId }: FeatureDraft): TmdbId {
  if (tmdbId === undefined) throw new MarqueeError("INTERNAL", "A film was looked up before its id was known.");
  return tmdbId;
}

function filmUnknown({ at, request: { movie } }: FeatureDraft): MarqueeError {
  const [name, id] = "tmdbId" in movie ? ["tmdbId", movie.tmdbId] : ["imdbId", "imdbId" in movie ? movie.imdbId : ""];
  return new MarqueeError(
    "FILM_UNKNOWN",
    `The catalog has no film with ${name} ${id}. Describe the film instead (title, releaseDate, genres, directors …).`,
    {
      details: {
        errors: [
          { path: pathOf(at, ["movie", name]), message: `must be of a film of the catalog; given: ${shown(id)}` },
        ],
      },
    },
  );
}
