import { type Prediction, predictionSchema } from "@marquee/shared/contracts/prediction";
import { loadSettings } from "@marquee/shared/service/env";
import { MarqueeError } from "@marquee/shared/service/errors";
import { Command, InvalidArgumentError } from "commander";
import { callApi } from "./api-client.ts";
import { cliSettings } from "./env.ts";
import type { Output } from "./program.ts";

interface PredictFlags {
  tmdbId?: number;
  imdbId?: string;
  title?: string;
  releaseDate?: string;
  runtime?: number;
  genre?: string[];
  director?: string[];
  writer?: string[];
  composer?: string[];
  cast?: string[];
  company?: string[];
  budget?: number;
  language?: string;
  country?: string[];
  overview?: string;
  tagline?: string;
  asOf?: string;
  explain?: boolean;
  json?: boolean;
  url?: string;
}

export function predictCommand(output: Output): Command {
  return new Command("predict")
    .description("Predict a film's rating: by id, or by description")
    .option("--tmdb-id <id>", "a film of the catalog by its TMDB id", parseNumber)
    .option("--imdb-id <id>", "a film of the catalog by its IMDb id, such as tt0133093")
    .option("--title <text>", "describe a film: its title")
    .option("--release-date <day>", "… its release, such as 2027-05-01")
    .option("--runtime <minutes>", "… its running time", parseNumber)
    .option("--genre <name...>", "… its genres")
    .option("--director <name...>", "… its directors")
    .option("--writer <name...>", "… its writers")
    .option("--composer <name...>", "… its composers")
    .option("--cast <name...>", "… its cast by billing")
    .option("--company <name...>", "… its production companies")
    .option("--budget <usd>", "… its budget in US dollars", parseNumber)
    .option("--language <code>", "… its original language, such as en")
    .option("--country <code...>", "… its countries of production, such as NZ")
    .option("--overview <text>", "… its plot")
    .option("--tagline <text>", "… its tagline")
    .option("--as-of <day>", "with what was known before this day")
    .option("--explain", "also say what moved the rating")
    .option("--json", "print the answer as JSON")
    .option("--url <url>", "where Marquee answers (MARQUEE_URL, default http://localhost:8080)")
    .action(async (flags: PredictFlags) => {
      const url = flags.url ?? loadSettings(cliSettings).MARQUEE_URL;
      const body = {
        movie: movieOf(flags),
        explain: flags.explain === true,
        ...(flags.asOf === undefined ? {} : { asOf: flags.asOf }),
      };
      const prediction = await callApi(url, { method: "post", path: "/predict", body }, predictionSchema);
      output.write(flags.json ? `${JSON.stringify(prediction)}\n` : `${describePrediction(prediction, flags.title)}\n`);
    });
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

/** @throws USAGE when nothing says which film */
function movieOf(flags: PredictFlags): object {
  const { tmdbId, imdbId, title, releaseDate, runtime, budget, language, overview, tagline } = flags;
  const lists = {
    genres: flags.genre,
    directors: flags.director,
    writers: flags.writer,
    composers: flags.composer,
    cast: flags.cast,
    companies: flags.company,
    countries: flags.country,
  };
  const texts = { title, releaseDate, language, overview, tagline };
  const movie = Object.fromEntries(
    Object.entries({ tmdbId, imdbId, runtime, budget, ...texts, ...lists }).filter(([, value]) => value !== undefined),
  );
  if (Object.keys(movie).length === 0) {
    throw new MarqueeError(
      "USAGE",
      "Say which film: --tmdb-id, --imdb-id, or a description such as --title, --genre, --director.",
    );
  }
  return movie;
}

/** The answer as lines for a person. */
export function describePrediction(prediction: Prediction, askedTitle?: string): string {
  const { rating, interval, model, asOf, film, actual, explanation, features } = prediction;
  const title = film
    ? `${film.title}${film.releaseDate ? ` (${film.releaseDate.slice(0, 4)})` : ""}`
    : (askedTitle ?? "This film");
  const percent = Math.round(interval.coverage * 100);
  return [
    `${title}: ${rating.toFixed(1)}, with ${percent} % probability between ${interval.lower.toFixed(1)} and ${interval.upper.toFixed(1)}`,
    `  ${model.name} version ${model.version}, as of ${asOf}`,
    ...(actual ? [`  IMDb's ${actual.votes.toLocaleString("en-US")} voters gave ${actual.rating.toFixed(1)}`] : []),
    ...(explanation
      ? [
          "",
          row("An average film", explanation.base),
          ...explanation.contributions.map(({ label, contribution }) => row(label, contribution, true)),
        ]
      : []),
    ...(features.missing.length > 0 ? ["", `  Nothing known of: ${features.missing.join(", ")}`] : []),
    ...(features.stale.length > 0 ? [`  Out of date: ${features.stale.join(", ")}`] : []),
    ...(features.unrecognised.length > 0
      ? [`  Not in the catalog, so taken as newcomers: ${features.unrecognised.join(", ")}`]
      : []),
  ].join("\n");
}

function row(label: string, value: number, signed = false): string {
  return `  ${label.padEnd(36)} ${(signed && value >= 0 ? "+" : "") + value.toFixed(2)}`;
}
