import type { OnlineKey } from "@marquee/shared/backing/online-store/online-store";
import { genreIdOf } from "@marquee/shared/contracts/genres";
import type { FilmDescription } from "@marquee/shared/contracts/prediction";
import { type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import type { FeatureGroup } from "@marquee/shared/features/feature-view";
import { type FilmFacts, LEAD_CAST, LEAD_COMPANIES } from "@marquee/shared/features/film-facts";
import { decodeText, normaliseName, ONLINE } from "@marquee/shared/features/online-layout";
import { type FeatureDraft, takeFacts } from "./feature-draft.ts";
import type { Lookup } from "./online-stage.ts";

type NameField = "directors" | "writers" | "cast" | "companies";

interface NameRole {
  field: NameField;
  group: FeatureGroup;
  key: (name: string) => OnlineKey;
  /** As many count as in training. */
  limit: number;
}

const NAME_ROLES: readonly NameRole[] = [
  { field: "directors", group: "director", key: ONLINE.personName, limit: Number.POSITIVE_INFINITY },
  { field: "writers", group: "writers", key: ONLINE.personName, limit: Number.POSITIVE_INFINITY },
  { field: "cast", group: "cast", key: ONLINE.personName, limit: LEAD_CAST },
  { field: "companies", group: "companies", key: ONLINE.companyName, limit: LEAD_COMPANIES },
];

/** The keys of everyone and every company that a description names and that counts. */
export function nameKeys(draft: FeatureDraft): OnlineKey[] {
  const description = descriptionOf(draft);
  return description ? NAME_ROLES.flatMap((role) => namesIn(description, role).map(role.key)) : [];
}

/** Turns a description into facts; a name that is not known stays as someone without earlier films. */
export function takeDescription(draft: FeatureDraft, lookup: Lookup, today: EpochDay): void {
  const description = descriptionOf(draft);
  if (!description) return;
  const ids = (field: NameField) => idsOf(draft, description, field, lookup);
  const { releaseDate, genres } = description;
  const facts: FilmFacts = {
    releaseDay: releaseDate === undefined ? undefined : epochDay(releaseDate),
    runtimeMinutes: description.runtime,
    // TMDB's word for an unknown budget is 0, and requests are often made from its bodies.
    budgetUsd: description.budget === 0 ? undefined : description.budget,
    language: description.language,
    genreIds: given([...new Set(genres)].map(genreIdOf).filter((id) => id !== undefined)),
    directorIds: ids("directors"),
    writerIds: ids("writers"),
    castIds: ids("cast"),
    companyIds: ids("companies"),
    collectionId: undefined,
  };
  takeFacts(draft, facts, today);
}

function descriptionOf({ form, request: { movie } }: FeatureDraft): FilmDescription | undefined {
  return form !== "description" || "tmdbId" in movie || "imdbId" in movie ? undefined : movie;
}

function idsOf(
  draft: FeatureDraft,
  description: FilmDescription,
  field: NameField,
  lookup: Lookup,
): (number | null)[] | undefined {
  const role = NAME_ROLES.find((each) => each.field === field);
  if (!role) return undefined;
  return given(
    namesIn(description, role).map((name) => {
      const found = lookup(role.key(name));
      if (found.status === "missing") {
        draft.unrecognised.push(name);
        return null;
      }
      if (found.status === "stale") draft.stale.add(role.group);
      return Number(decodeText(found.value));
    }),
  );
}

/** Each name once, in the order given, as many as count. */
function namesIn(description: FilmDescription, { field, limit }: NameRole): string[] {
  const byKey = new Map(description[field]?.map((name) => [normaliseName(name), name]));
  return [...byKey.values()].slice(0, limit);
}

/** A list without members says as little as no list. */
function given<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}
