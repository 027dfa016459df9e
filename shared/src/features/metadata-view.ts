import { GENRES } from "../contracts/genres.ts";
import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import { columnsOf, DAYS_PER_YEAR, FEATURE_TTL_SECONDS, FILM_EVENT_TIME, flag } from "./view-columns.ts";

const release = columnsOf("release");
const genre = columnsOf("genres");

export const metadataView: FeatureView = {
  name: "film_metadata",
  version: 2,
  entity: FILM,
  owner: "workhorse",
  description: "What an announcement says of a film",
  eventTime: FILM_EVENT_TIME,
  source: ["movies", "movie_genres"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    release("release_year", "year", "Year of release, with the part of the year as fraction"),
    release("release_season_sin", "-1…1", "Day of the year as a point on a circle: sine"),
    release("release_season_cos", "-1…1", "Day of the year as a point on a circle: cosine"),
    columnsOf("runtime")("runtime_minutes", "minutes", "Running time"),
    columnsOf("budget")("budget_log10", "log10 USD", "Budget in US dollars of the time, logarithm"),
    ...GENRES.map(({ name }) =>
      genre(`genre_${name.toLowerCase().replace(" ", "_")}`, "0/1", `Is of the genre ${name}`),
    ),
  ],
  compute: ({ film }) => {
    const day = film.releaseDay ?? Number.NaN;
    const season = seasonAngle(day);
    return [
      1970 + day / DAYS_PER_YEAR,
      Math.sin(season),
      Math.cos(season),
      film.runtimeMinutes ?? Number.NaN,
      film.budgetUsd === undefined ? Number.NaN : Math.log10(film.budgetUsd),
      ...GENRES.map(({ id }) => flag(film.genreIds, (ids) => ids.includes(id))),
    ];
  },
};

function seasonAngle(day: number): number {
  const years = day / DAYS_PER_YEAR;
  return 2 * Math.PI * (years - Math.floor(years));
}
