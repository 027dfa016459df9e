import { GENRES } from "../contracts/genres.ts";
import { climateView } from "./climate-view.ts";
import { type FeatureColumn, type FeatureGroup, type FeatureView, hashViews } from "./feature-view.ts";
import { recordViews } from "./record-views.ts";

/** Features are to be at most 26 h old: a daily build and two hours' grace. */
export const FEATURE_TTL_SECONDS = 26 * 3600;

const DAYS_PER_YEAR = 365.2425;

/** Languages by the size of their film cultures in the catalog; a flag each would be mostly empty. */
const LANGUAGE_FAMILIES = {
  english: ["en"],
  european: [
    "fr",
    "de",
    "it",
    "es",
    "pt",
    "nl",
    "sv",
    "da",
    "no",
    "nb",
    "fi",
    "pl",
    "cs",
    "hu",
    "ro",
    "el",
    "ru",
    "is",
    "tr",
  ],
  east_asian: ["ja", "ko", "zh", "cn", "th", "vi", "id"],
  south_asian: ["hi", "ta", "te", "ml", "bn", "kn", "mr", "pa", "ur"],
} as const;

function column(name: string, unit: string, group: FeatureGroup, description: string): FeatureColumn {
  return { name, unit, group, description, knownWhen: "announced" };
}

const metadataView: FeatureView = {
  name: "film_metadata",
  version: 1,
  entity: "film",
  owner: "workhorse",
  description: "What an announcement says of a film",
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    column("release_year", "year", "release", "Year of release, with the part of the year as fraction"),
    column("release_season_sin", "-1…1", "release", "Day of the year as a point on a circle: sine"),
    column("release_season_cos", "-1…1", "release", "Day of the year as a point on a circle: cosine"),
    column("runtime_minutes", "minutes", "runtime", "Running time"),
    column("budget_log10", "log10 USD", "budget", "Budget in US dollars of the time, logarithm"),
    ...Object.keys(LANGUAGE_FAMILIES).map((family) =>
      column(`language_${family}`, "0/1", "language", `Original language is ${family.replace("_", " ")}`),
    ),
    ...GENRES.map(({ name }) =>
      column(`genre_${name.toLowerCase().replace(" ", "_")}`, "0/1", "genres", `Is of the genre ${name}`),
    ),
  ],
  compute: ({ film }) => {
    const release = film.releaseDay ?? Number.NaN;
    const season = seasonAngle(release);
    return [
      1970 + release / DAYS_PER_YEAR,
      Math.sin(season),
      Math.cos(season),
      film.runtimeMinutes ?? Number.NaN,
      film.budgetUsd === undefined ? Number.NaN : Math.log10(film.budgetUsd),
      ...Object.values(LANGUAGE_FAMILIES).map((codes: readonly string[]) =>
        flag(film.language, (code) => codes.includes(code)),
      ),
      ...GENRES.map(({ id }) => flag(film.genreIds, (ids) => ids.includes(id))),
    ];
  },
};

function seasonAngle(day: number): number {
  const years = day / DAYS_PER_YEAR;
  return 2 * Math.PI * (years - Math.floor(years));
}

function flag<T>(value: T | undefined, holds: (value: T) => boolean): number {
  if (value === undefined) return Number.NaN;
  return holds(value) ? 1 : 0;
}

/** The feature service of the rating model: these views, in this order, make its input vector. */
export const RATING_VIEWS: readonly FeatureView[] = [climateView, metadataView, ...recordViews];
export const RATING_COLUMNS: readonly FeatureColumn[] = RATING_VIEWS.flatMap((view) => view.columns);
export const RATING_VIEWS_HASH: string = hashViews(RATING_VIEWS);
