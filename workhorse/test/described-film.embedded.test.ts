import type { OnlineRead } from "@marquee/shared/backing/online-store/online-store";
import type { FilmDescription } from "@marquee/shared/contracts/prediction";
import { epochDay } from "@marquee/shared/contracts/time";
import { computeFeatures } from "@marquee/shared/features/compute-features";
import { RATING_COLUMNS, RATING_VIEWS } from "@marquee/shared/features/film-views";
import { createFreshness } from "@marquee/shared/features/freshness";
import { computeOnDemand } from "@marquee/shared/features/on-demand";
import { factsOfDescription } from "@marquee/shared/features/on-demand-names";
import { decodeText } from "@marquee/shared/features/online-layout";
import { buildRatingHistory } from "@marquee/shared/features/rating-history";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { historyFilms, loadFilms } from "../src/feature-store/load-films.ts";
import { loadNames, onlineEntries } from "../src/feature-store/online-entries.ts";
import { type CatalogHarness, openCatalogHarness, tombstone } from "./catalog-harness.ts";

const TODAY = epochDay("2020-01-01" as FilmDescription["releaseDate"] & string);
const GENRES = { Romance: 10749, Crime: 80, Drama: 18, War: 10752 };
const FILMS = 40;

let harness: CatalogHarness;
beforeEach(async () => {
  harness = await openCatalogHarness();
  const films = Array.from({ length: FILMS }, (_, i) => filmBody(i + 1));
  await harness.storeFilms("page-1", ...films);
  await harness.ratings(
    ...films.map(({ id }): [number, string, string] => [id, `${3 + ((id * 37) % 60) / 10}`, `${40 + id * 9}`]),
  );
  await loadCatalog(harness.context, harness.archive);
});
afterEach(() => harness.close());

/** Lists of several, in no order of ids; the lead plays two parts. */
function filmBody(id: number) {
  const people = (role: string, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const person = from + ((id * 7 + (count - i) * 5) % 11);
      return { id: person, name: `Person ${person}`, credit_id: `${role}${id}-${i}` };
    });
  const leads = people("cast", 100, 6);
  const crew = (department: string, job: string, from: number) =>
    people(job, from, 4).map((person) => ({ ...person, department, job }));
  const date = `20${String(10 + (id % 9)).padStart(2, "0")}-0${1 + (id % 9)}-1${id % 9}`;
  return {
    ...{ id, date, title: `Film ${id}`, overview: "A plot.", tagline: "Now.", runtime: 90 + id },
    genres: Object.entries(GENRES).map(([name, genre]) => ({ id: genre, name })),
    production_companies: [9, 4, 7, 2].map((company) => ({
      id: company + (id % 3),
      name: `Studio ${company + (id % 3)}`,
    })),
    production_countries: [{ iso_3166_1: "FR" }, { iso_3166_1: "US" }],
    credits: {
      cast: [...leads.slice(0, 1), ...leads].map((lead, order) => ({
        ...lead,
        credit_id: `cast${id}-${order}`,
        order,
      })),
      crew: [
        ...crew("Directing", "Director", 200),
        ...crew("Writing", "Screenplay", 200),
        ...crew("Sound", "Composer", 300),
        ...crew("Sound", "Music", 300).map((person) => ({ ...person, credit_id: `${person.credit_id}m` })),
      ],
    },
  };
}

function descriptionOf({
  date,
  title,
  overview,
  tagline,
  runtime,
  genres,
  credits,
  ...body
}: ReturnType<typeof filmBody>) {
  const names = (people: { name: string }[]) => people.map(({ name }) => name);
  const crew = (job: string) => names(credits.crew.filter((person) => person.job === job));
  return {
    ...{ title, overview, tagline, runtime, genres: names(genres) },
    ...{ releaseDate: date, budget: 5_000_000, language: "en", countries: ["FR", "US"] },
    ...{ directors: crew("Director"), writers: crew("Screenplay"), composers: crew("Composer") },
    ...{ cast: names(credits.cast), companies: names(body.production_companies) },
  } as FilmDescription;
}

it("of namesakes the one with the most films is meant, and films that TMDB has deleted are none", async () => {
  const by = (id: number, director: number) => ({
    ...filmBody(id),
    credits: {
      cast: [],
      crew: [{ id: director, name: "Lee Twice", credit_id: `d${id}`, department: "Directing", job: "Director" }],
    },
  });
  await harness.storeFilms("page-2", by(51, 901), by(52, 901), by(53, 902));
  await harness.storeFilms("page-3", tombstone(51), tombstone(52));
  await loadCatalog(harness.context, harness.archive);
  const options = { films: [], history: buildRatingHistory([], 0), lastYear: 2021 };
  const entries = (
    await Array.fromAsync(onlineEntries({ ...options, names: await loadNames(harness.database) }))
  ).flat();
  const found = entries.filter(({ entity }) => entity === "person:lee twice");
  expect(found.map(({ value }) => decodeText(value))).toEqual(["902"]);
});

it("a film that is described as the catalog has it gets its row's features, to the bit", async () => {
  const films = await loadFilms(harness.database);
  const history = buildRatingHistory(historyFilms(films), 0);
  const online = new Map<string, Uint8Array>();
  for await (const batch of onlineEntries({ films, history, names: await loadNames(harness.database), lastYear: 2021 }))
    for (const { view, entity, value } of batch) online.set(`${view} ${entity}`, value);
  const lookup = ({ view, entity }: { view: string; entity: string }): OnlineRead => {
    const value = online.get(`${view} ${entity}`);
    return value ? { status: "present", value, ageSeconds: 0 } : { status: "missing" };
  };
  const freshness = createFreshness();
  const differing: unknown[] = [];
  for (const { tmdbId, facts } of films) {
    const asOf = facts.releaseDay ?? TODAY;
    const row = computeFeatures({ film: facts, asOf, record: (key) => history.get(key) }, RATING_VIEWS);
    const described = factsOfDescription(descriptionOf(filmBody(tmdbId)), lookup, freshness);
    expect(described.unrecognised).toEqual([]);
    expect(described.facts).toEqual(facts);
    const values = computeOnDemand(described.facts, asOf, lookup, { freshness });
    RATING_COLUMNS.forEach(({ name }, i) => {
      if (!Object.is(row[i], values[i])) differing.push([tmdbId, name, row[i], values[i]]);
    });
  }
  expect(films).toHaveLength(FILMS);
  expect(differing).toEqual([]);
});
