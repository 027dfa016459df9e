import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import type { FilmDescription } from "@marquee/shared/contracts/prediction";
import type { EpochDay } from "@marquee/shared/contracts/time";
import type { OnlineLookup } from "@marquee/shared/features/on-demand";
import { factsOfDescription, nameKeysOf } from "@marquee/shared/features/on-demand-names";
import { type FeatureDraft, takeFacts } from "./feature-draft.ts";

/** The keys of everyone and every company that a description names and that counts. */
export function nameKeys(draft: FeatureDraft): OnlineKey[] {
  const description = descriptionOf(draft);
  return description ? nameKeysOf(description) : [];
}

/** Turns a description into facts. */
export function takeDescription(draft: FeatureDraft, lookup: OnlineLookup, today: EpochDay): void {
  const description = descriptionOf(draft);
  if (!description) return;
  const { facts, unrecognised } = factsOfDescription(description, lookup, draft.freshness);
  draft.unrecognised = unrecognised;
  takeFacts(draft, facts, today);
}

function descriptionOf({ form, request: { movie } }: FeatureDraft): FilmDescription | undefined {
  return form !== "description" || "tmdbId" in movie || "imdbId" in movie ? undefined : movie;
}
