import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME, flag } from "./view-columns.ts";

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

/** The countries that make most of the catalog's films. */
const COUNTRIES = {
  US: "the United States",
  GB: "the United Kingdom",
  FR: "France",
  IN: "India",
  JP: "Japan",
} as const;

/** More countries than these say how widely a film's sources are read, not how it was made. */
const MOST_COUNTRIES = 4;

const column = columnsOf("language");

export const originView: FeatureView = {
  name: "film_origin",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: "Where a film comes from, and in which language",
  eventTime: FILM_EVENT_TIME,
  source: ["movies"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    ...Object.keys(LANGUAGE_FAMILIES).map((family) =>
      column(`language_${family}`, "0/1", `Original language is ${family.replace("_", " ")}`),
    ),
    ...Object.entries(COUNTRIES).map(([code, words]) =>
      column(`country_${code.toLowerCase()}`, "0/1", `Made in ${words}, alone or with others`),
    ),
    column("countries", "countries", `Number of countries of production, ${MOST_COUNTRIES} at most`),
  ],
  compute: ({ film: { language, countries } }) => [
    ...Object.values(LANGUAGE_FAMILIES).map((codes: readonly string[]) =>
      flag(language, (code) => codes.includes(code)),
    ),
    ...Object.keys(COUNTRIES).map((country) => flag(countries, (codes) => codes.includes(country))),
    countries === undefined ? Number.NaN : Math.min(countries.length, MOST_COUNTRIES),
  ],
};
