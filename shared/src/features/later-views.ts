import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME, flag } from "./view-columns.ts";

/** Keywords that many films have, without those that name others. */
const KEYWORDS = [
  "woman director",
  "independent film",
  "duringcreditsstinger",
  "based on novel",
  "murder",
  "violence",
  "dystopia",
  "sport",
  "revenge",
  "friendship",
  "musical",
  "biography",
] as const;

const keyword = columnsOf("text", "after_release");
const outcome = columnsOf("climate", "after_release");

/** Marked: users of TMDB add keywords over the years, the more the better known a film becomes. */
export const keywordsView: FeatureView = {
  name: "film_keywords",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: "Keywords as they are today, whenever they were added; not for models",
  eventTime: FILM_EVENT_TIME,
  source: ["movies"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    keyword("keywords", "log(1+n)", "Number of keywords"),
    ...KEYWORDS.map((name) => keyword(`keyword_${name.replaceAll(" ", "_")}`, "0/1", `Has the keyword ${name}`)),
  ],
  compute: ({ later }) => {
    const keywords = later?.keywords;
    return [
      keywords === undefined ? Number.NaN : Math.log1p(keywords.length),
      ...KEYWORDS.map((name) => flag(keywords, (names) => names.includes(name))),
    ];
  },
};

/** Marked: what became of the film; the rating is what models are to foretell. */
export const outcomeView: FeatureView = {
  name: "film_outcome",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: "What became of the film, as known today; the label of the rating model, and not for models to read",
  eventTime: FILM_EVENT_TIME,
  source: ["movies", "imdb_ratings"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    outcome("imdb_rating", "rating points", "IMDb's average by its latest observation, mature or not"),
    outcome("imdb_votes", "votes", "Votes that this is the average of"),
    outcome("revenue_log10", "log10 USD", "Revenue in US dollars of the time, logarithm"),
  ],
  compute: ({ later }) => [
    later?.observed?.rating ?? Number.NaN,
    later?.observed?.votes ?? Number.NaN,
    later?.revenueUsd === undefined ? Number.NaN : Math.log10(later.revenueUsd),
  ],
};
