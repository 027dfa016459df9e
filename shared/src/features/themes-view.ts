import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import { THEME_NAMES, THEMES, themeShares } from "./text-themes.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME } from "./view-columns.ts";
import { wordsOf } from "./words-of.ts";

const column = columnsOf("text");

/** Of a film's own words only: how rare a word is over the catalog is known from later films, too. */
export const themesView: FeatureView = {
  name: "film_themes",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: "What the overview is about, by words that say so plainly",
  eventTime: FILM_EVENT_TIME,
  source: ["movies"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: THEME_NAMES.map((theme) =>
    column(`theme_${theme}`, "0…1", `Share of the overview's words that tell of ${theme}: ${exampleOf(theme)}`),
  ),
  compute: ({ film: { overview } }) =>
    overview === undefined ? THEME_NAMES.map(() => Number.NaN) : themeShares(wordsOf(overview)),
};

function exampleOf(theme: keyof typeof THEMES): string {
  return `${THEMES[theme].split(" ").slice(0, 3).join(", ")} …`;
}
