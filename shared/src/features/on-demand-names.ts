import type { OnlineKey } from "../backing/online-store/online-store.ts";
import { genreIdOf } from "../contracts/genres.ts";
import type { FilmDescription } from "../contracts/prediction.ts";
import { epochDay } from "../contracts/time.ts";
import type { FeatureGroup } from "./feature-view.ts";
import { type FilmFacts, LEAD_CAST, LEAD_COMPANIES } from "./film-facts.ts";
import { type Freshness, noteRead } from "./freshness.ts";
import type { OnlineLookup } from "./on-demand.ts";
import { decodeText, normaliseName, ONLINE } from "./online-layout.ts";

interface NameRole {
  group: FeatureGroup;
  key: (name: string) => OnlineKey;
  /** As many count as in training. */
  limit: number;
}

const NAME_ROLES = {
  directors: { group: "director", key: ONLINE.personName, limit: Number.POSITIVE_INFINITY },
  writers: { group: "writers", key: ONLINE.personName, limit: Number.POSITIVE_INFINITY },
  composers: { group: "writers", key: ONLINE.personName, limit: Number.POSITIVE_INFINITY },
  cast: { group: "cast", key: ONLINE.personName, limit: LEAD_CAST },
  companies: { group: "companies", key: ONLINE.companyName, limit: LEAD_COMPANIES },
} as const satisfies Record<string, NameRole>;
type NameField = keyof typeof NAME_ROLES;

/** The keys of everyone and every company that a description names and that counts. */
export function nameKeysOf(description: FilmDescription): OnlineKey[] {
  return (Object.keys(NAME_ROLES) as NameField[]).flatMap((field) =>
    namesIn(description, field).map(NAME_ROLES[field].key),
  );
}

/**
 * A description's facts; a name that is not known stays as someone without earlier films.
 * @param lookup what was read under nameKeysOf
 * @param freshness takes in how old the names were
 */
export function factsOfDescription(
  description: FilmDescription,
  lookup: OnlineLookup,
  freshness: Freshness,
): { facts: FilmFacts; unrecognised: string[] } {
  const unrecognised: string[] = [];
  const ids = (field: NameField): (number | null)[] | undefined =>
    given(
      namesIn(description, field).map((name) => {
        const found = lookup(NAME_ROLES[field].key(name));
        noteRead(freshness, found, [NAME_ROLES[field].group]);
        if (found.status !== "missing") return Number(decodeText(found.value));
        unrecognised.push(name);
        return null;
      }),
    );
  const { releaseDate, genres } = description;
  const facts: FilmFacts = {
    releaseDay: releaseDate === undefined ? undefined : epochDay(releaseDate),
    title: description.title,
    overview: given(description.overview?.trim()),
    tagline: given(description.tagline?.trim()),
    runtimeMinutes: description.runtime,
    // TMDB's word for an unknown budget is 0, and requests are often made from its bodies.
    budgetUsd: description.budget === 0 ? undefined : description.budget,
    language: description.language,
    countries: given([...new Set(description.countries)]),
    genreIds: ascending(given([...new Set(genres?.map(genreIdOf))].filter((id) => id !== undefined))),
    directorIds: ascending(ids("directors")),
    writerIds: ascending(ids("writers")),
    composerIds: ascending(ids("composers")),
    castIds: ids("cast"),
    companyIds: ids("companies"),
    collectionId: undefined,
  };
  return { facts, unrecognised: [...new Set(unrecognised)] };
}

/** Each name once, in the order given, as many as count. */
function namesIn(description: FilmDescription, field: NameField): string[] {
  const byKey = new Map(description[field]?.map((name) => [normaliseName(name), name]));
  return [...byKey.values()].slice(0, NAME_ROLES[field].limit);
}

/**
 * As the catalog's rows have lists that nobody is billed in: the order decides the last bits of means. Who is not known
 * comes last.
 */
function ascending<T extends number | null>(ids: T[] | undefined): T[] | undefined {
  return ids?.sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY) || 0);
}

/** A list or a text without content says as little as none. */
function given<T extends { length: number }>(value: T | undefined): T | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}
