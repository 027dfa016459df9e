import type { Database } from "@marquee/shared/backing/postgres/database";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { Registry } from "@marquee/shared/registry/registry";
import type { Profile } from "./profile.ts";

export interface ScreenFacts {
  address: string;
  profile: Profile;
  sourceDescription: string;
  seconds: number;
}

/** What stands on the screen once the product answers. */
export async function readyScreen(database: Database, registry: Registry, facts: ScreenFacts): Promise<string> {
  const example = await exampleFilm(database);
  return [
    "",
    `  Marquee answers at ${facts.address} after ${facts.seconds.toFixed(1)} s.`,
    "",
    ...(await modelLines(registry)),
    "",
    "  A film of the catalog, and one that is only an idea:",
    "",
    curl(facts.address, { movie: { tmdbId: example.tmdbId } }),
    "",
    curl(facts.address, {
      movie: {
        title: "The Long Take",
        releaseDate: "2027-05-01",
        runtime: 118,
        genres: ["Drama"],
        directors: [example.director],
        budget: 40_000_000,
        language: "en",
      },
      explain: true,
    }),
    "",
    `  All calls with examples: ${facts.address}/docs`,
    "",
    ...dataLines(facts),
    "",
    "  Ctrl-C stops. The next start goes on from here.",
    "",
  ].join("\n");
}

async function modelLines(registry: Registry): Promise<string[]> {
  const champion = await registry.currentOf(RATING_MODEL, "champion");
  if (!champion) {
    const [refusal] = await registry.moves(RATING_MODEL);
    return [`  No model is in production. The gate refused version ${refusal?.to}: ${refusal?.reason ?? ""}`];
  }
  const { version, metrics } = champion.version;
  const row = (name: string, value: number) => `    ${name.padEnd(34)} ${value.toFixed(3)}`;
  return [
    `  Model version ${version}, tested on the ${metrics.testedFilms} films released from ${metrics.testFrom} on (RMSE, lower is better):`,
    row("Marquee", metrics.rmse),
    ...Object.entries(metrics.baselines).map(([name, rmse]) => row(name.replaceAll("_", " "), rmse)),
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

/** A well-known film with a director, so that the copied line shows something. */
async function exampleFilm(database: Database): Promise<{ tmdbId: number; director: string }> {
  const [row] = await database.query<{ tmdb_id: number; director: string }>(
    `select m.tmdb_id, p.name as director
     from movies m join credits c on c.tmdb_id = m.tmdb_id and c.job = 'Director' join people p using (person_id)
     left join ratings r on r.source = 'imdb' and r.source_id = m.imdb_id
     order by r.votes desc nulls last, m.tmdb_id limit 1`,
  );
  return { tmdbId: row?.tmdb_id ?? 603, director: row?.director ?? "Jane Campion" };
}

function curl(address: string, body: object): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `    curl -s ${address}/predict -H 'content-type: application/json' -d '${json}'`;
}
