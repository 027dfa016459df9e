import { FILM } from "./entities.ts";
import type { FeatureView } from "./feature-view.ts";
import type { FilmFacts } from "./film-facts.ts";
import { columnsOf, FEATURE_TTL_SECONDS, FILM_EVENT_TIME, flag } from "./view-columns.ts";
import { wordsOf } from "./words-of.ts";

const column = columnsOf("text");

/** A number or a roman numeral that ends the title or its first half, or a word that says which part this is. */
const SEQUEL_MARK =
  /\S\s+(?:[2-9]|1[0-9]|II|III|IV|V|VI|VII|VIII|IX)(?:\s*[:–-]|$)|\b(?:Part|Chapter|Episode|Vol\.?|Volume)\s+\S/u;

/**
 * A film of which there is a title or an overview and no tagline has none; one of which there is neither was not told of.
 */
export const textView: FeatureView = {
  name: "film_text",
  version: 1,
  entity: FILM,
  owner: "workhorse",
  description: "The form of title, tagline and overview",
  eventTime: FILM_EVENT_TIME,
  source: ["movies"],
  ttlSeconds: FEATURE_TTL_SECONDS,
  columns: [
    column("title_words", "words", "Words of the title"),
    column("title_digits", "0/1", "The title has a digit"),
    column("title_sequel", "0/1", "The title says that it is a further part: 2, III, Part Two"),
    column("tagline_words", "log(1+n)", "Words of the tagline; 0 without one"),
    column("overview_words", "log(1+n)", "Words of the overview"),
  ],
  compute: ({ film }) => {
    const { title, tagline, overview } = film;
    return [
      title === undefined ? Number.NaN : wordsOf(title).length,
      flag(title, (text) => /\d/.test(text)),
      flag(title, (text) => SEQUEL_MARK.test(text)),
      isTold(film) ? Math.log1p(wordsOf(tagline ?? "").length) : Number.NaN,
      overview === undefined ? Number.NaN : Math.log1p(wordsOf(overview).length),
    ];
  },
};

function isTold({ title, tagline, overview }: FilmFacts): boolean {
  return title !== undefined || tagline !== undefined || overview !== undefined;
}
