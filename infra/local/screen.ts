import type { ExampleFilm } from "@marquee/controltower/serving/api-examples";
import { type ModelVersion, RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { Registry } from "@marquee/shared/registry/registry";
import type { Profile } from "./profile.ts";
import type { RouteAccess } from "./who-may-call.ts";

export interface ScreenFacts {
  address: string;
  access: RouteAccess;
  profile: Profile;
  sourceDescription: string;
  seconds: number;
  /** For lines to copy; undefined where no film of the catalog has a rating. */
  example: ExampleFilm | undefined;
}

/** What stands on the screen once the product answers. */
export async function readyScreen(registry: Registry, facts: ScreenFacts): Promise<string> {
  const champion = await registry.currentOf(RATING_MODEL, "champion");
  return [
    "",
    `  Marquee answers at ${facts.address} after ${facts.seconds.toFixed(1)} s.`,
    "",
    ...(champion ? modelLines(champion.version) : await refusalLines(registry)),
    "",
    ...(champion ? [...curlLines(facts), ""] : []),
    ...loopLines(facts),
    `  All calls with examples: ${facts.address}/docs`,
    "",
    ...dataLines(facts),
    "",
    "  Ctrl-C stops. The next start goes on from here.",
    "",
  ].join("\n");
}

/** The rest of the loop: what to tell it, and what it does. */
function loopLines({ address, example, access }: ScreenFacts): string[] {
  const rating = { type: "rating", userId: "me", tmdbId: example?.tmdbId, rating: 8 };
  const token = access.api === "with a token" ? ' -H "authorization: Bearer $SCHEDULER_API_TOKEN"' : "";
  const leftOut = [
    ...(access.api === "left out" ? ["/api needs SCHEDULER_API_TOKEN"] : []),
    ...(access.webhook === "left out" ? ["/webhooks/alertmanager needs ALERTMANAGER_WEBHOOK_TOKEN"] : []),
    ...(access.features === "left out" ? ["/features needs FEATURE_SERVER_TOKEN"] : []),
  ];
  return [
    ...(example ? [`  What somebody thought of it: ${curl(address, "/events", rating)}`] : []),
    ...(access.api === "left out"
      ? []
      : [
          `  Pipelines, and when they run next: ${address}/api/pipelines`,
          `  A retrain by hand: curl -s -X POST${token} ${address}/api/pipelines/train/runs`,
        ]),
    ...(access.features === "left out"
      ? []
      : [`  Features for Feast's client and notebooks: ${address}/features/feature-views`]),
    ...(leftOut.length > 0 ? [`  Left out, since others than this machine might call: ${leftOut.join(", ")}.`] : []),
  ];
}

function curlLines({ address, example }: ScreenFacts): string[] {
  const idea = {
    title: "The Long Take",
    releaseDate: "2027-05-01",
    runtime: 118,
    genres: ["Drama"],
    directors: [example?.director ?? "Somebody New"],
    budget: 40_000_000,
    language: "en",
  };
  return [
    ...(example
      ? ["  A film of the catalog:", "", `    ${curl(address, "/predict", { movie: { tmdbId: example.tmdbId } })}`, ""]
      : []),
    "  One that is only an idea, with what moved its rating:",
    "",
    `    ${curl(address, "/predict", { movie: idea, explain: true })}`,
  ];
}

async function refusalLines(registry: Registry): Promise<string[]> {
  const [refusal] = await registry.moves(RATING_MODEL);
  return [
    `  No model is in production, so predictions are refused. The gate said of version ${refusal?.to}:`,
    `  ${refusal?.reason ?? ""}`,
    "  More rated films are the best remedy; TRAINING_SEED or TRAINING_TEST_FROM make another model.",
  ];
}

function modelLines({ version, metrics }: ModelVersion): string[] {
  const row = (name: string, value: number) => `    ${name.padEnd(34)} ${value.toFixed(3)}`;
  return [
    `  Model version ${version}, tested on the ${metrics.testedFilms} films released from ${metrics.testFrom} on (RMSE, lower is better):`,
    row("Marquee", metrics.rmse),
    ...Object.entries(metrics.members).map(([name, rmse]) => row(`its ${name} part alone`, rmse)),
    ...Object.entries(metrics.baselines).map(([name, rmse]) => row(`baseline: ${name}`, rmse)),
    `  Its 90 % intervals held ${(metrics.coverage * 100).toFixed(0)} % of them.`,
  ];
}

function dataLines({ profile, sourceDescription }: ScreenFacts): string[] {
  if (!profile.sandbox) {
    return [
      "  Films from TMDB and ratings from IMDb. This product uses the TMDB API but is not endorsed or certified by TMDB.",
      "  Information courtesy of IMDb (https://www.imdb.com). Used with permission.",
    ];
  }
  return [
    `  The data is ${sourceDescription}.`,
    "  For the real TMDB and IMDb: put TMDB_API_KEY=… and TMDB_MIN_VOTES=50 into .env and start again",
    "  (a key is free at https://www.themoviedb.org/settings/api). Sample and real data never mix.",
  ];
}

function curl(address: string, path: string, body: object): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s ${address}${path} -H 'content-type: application/json' -d '${json}'`;
}
