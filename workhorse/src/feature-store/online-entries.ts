import type { Queries } from "@marquee/shared/backing/postgres/database";
import { encodeFilmFacts } from "@marquee/shared/features/film-facts";
import { encodeCard, encodeText, ONLINE } from "@marquee/shared/features/online-layout";
import type { RatingHistory } from "@marquee/shared/features/rating-history";
import { recordEntries } from "@marquee/shared/features/record-chunks";
import type { OnlineEntry } from "../offline-store/offline-store.ts";
import { CREDIT_ROLES } from "./credit-roles.ts";
import { type CatalogFilm, FILMS_THERE } from "./load-films.ts";

/** Entries handed over at a time. */
const ENTRIES_PER_BATCH = 2_000;

export interface OnlineEntriesOptions {
  films: readonly CatalogFilm[];
  history: RatingHistory;
  names: Iterable<OnlineEntry>;
  /** The last year that track records are cut for: the one after the build's. */
  lastYear: number;
}

/** All that lies online beside the films' features: facts, cards, ids by IMDb's, track records, names. */
export function* onlineEntries({ films, history, names, lastYear }: OnlineEntriesOptions): Generator<OnlineEntry[]> {
  yield* inBatches(films, filmEntries);
  yield* inBatches(history, ([key, record]) => recordEntries(key, record, lastYear));
  yield* inBatches(names, (entry) => [entry]);
}

function* inBatches<Item>(items: Iterable<Item>, entriesOf: (item: Item) => OnlineEntry[]): Generator<OnlineEntry[]> {
  let batch: OnlineEntry[] = [];
  for (const item of items) {
    batch.push(...entriesOf(item));
    if (batch.length >= ENTRIES_PER_BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function filmEntries({ tmdbId, imdbId, title, releaseDate, facts, later }: CatalogFilm): OnlineEntry[] {
  const card = encodeCard({
    tmdbId,
    title,
    ...(imdbId === undefined ? {} : { imdbId }),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    ...(later.observed === undefined ? {} : { actual: later.observed }),
  });
  return [
    { ...ONLINE.facts(tmdbId), value: encodeFilmFacts(facts) },
    { ...ONLINE.card(tmdbId), value: card },
    ...(imdbId === undefined ? [] : [{ ...ONLINE.byImdb(imdbId), value: encodeText(tmdbId) }]),
  ];
}

/** The names of people and companies, each with the id that it stands for: of namesakes the one with the most films, then the lowest id. */
export async function loadNames(database: Queries): Promise<Iterable<OnlineEntry>> {
  const people = await database.query<{ id: number; name: string }>(
    `select p.person_id as id, p.name from people p join credits c using (person_id) join movies m using (tmdb_id)
     where (${Object.values(CREDIT_ROLES).join(" or ")}) and ${FILMS_THERE}
     group by p.person_id order by count(distinct c.tmdb_id), p.person_id desc`,
  );
  const companies = await database.query<{ id: number; name: string }>(
    `select c.company_id as id, c.name from companies c join movie_companies mc using (company_id) join movies m using (tmdb_id)
     where ${FILMS_THERE}
     group by c.company_id order by count(*), c.company_id desc`,
  );
  const entries = new Map<string, OnlineEntry>();
  const add = (entry: OnlineEntry) => entries.set(entry.entity, entry);
  // Later entries win, so the ascending order above leaves the busiest namesake.
  for (const { id, name } of people) add({ ...ONLINE.personName(name), value: encodeText(id) });
  for (const { id, name } of companies) add({ ...ONLINE.companyName(name), value: encodeText(id) });
  return entries.values();
}
