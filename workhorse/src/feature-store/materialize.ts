import type { OnlineStore, OnlineWrite } from "@marquee/shared/backing/online-store/online-store";
import type { TaskResult } from "@marquee/shared/contracts/tasks";
import { type CalendarDate, dayOf, epochDay } from "@marquee/shared/contracts/time";
import { encodeFilmFacts } from "@marquee/shared/features/film-facts";
import { FEATURE_TTL_SECONDS } from "@marquee/shared/features/film-views";
import { encodeCard, encodeText, encodeVector, ONLINE } from "@marquee/shared/features/online-layout";
import { buildRatingHistory, type RatingHistory } from "@marquee/shared/features/rating-history";
import { encodeTrackRecord } from "@marquee/shared/features/track-record";
import type { TaskContext } from "../tasks/task-context.ts";
import type { BuildOptions } from "./build-features.ts";
import { type CatalogFilm, loadFilms, matureFilms } from "./load-films.ts";

/** Entries written at a time: large enough to be quick, small enough to leave the loop to others. */
const ENTRIES_PER_WRITE = 2_000;

type Entry = Omit<OnlineWrite, "materializedAt" | "ttlSeconds">;

/** Whether the store was filled before and has not lost that since. */
export async function holdsFeatures(online: OnlineStore): Promise<boolean> {
  const [climate] = await online.read([ONLINE.record("climate:all")]);
  return climate?.status !== "missing";
}

/** Brings gold and all that a what-if request needs into the online store. */
export async function materialize(
  context: TaskContext,
  online: OnlineStore,
  { maturityDays }: BuildOptions,
): Promise<TaskResult> {
  const { database, clock, signal, onProgress } = context;
  const materializedAt = clock.now();
  const films = await loadFilms(database);
  const history = buildRatingHistory(matureFilms(films, epochDay(dayOf(materializedAt))), maturityDays);
  const entries = [
    ...(await vectorEntries(context)),
    ...films.flatMap(filmEntries),
    ...recordEntries(history),
    ...(await nameEntries(context)),
  ];
  for (let i = 0; i < entries.length; i += ENTRIES_PER_WRITE) {
    signal.throwIfAborted();
    const chunk = entries.slice(i, i + ENTRIES_PER_WRITE);
    await online.write(chunk.map((entry) => ({ ...entry, materializedAt, ttlSeconds: FEATURE_TTL_SECONDS })));
    onProgress({ done: i + chunk.length, total: entries.length, unit: "entries" });
  }
  // What this rebuild has not written belongs to films and people that are gone.
  for (const view of new Set(entries.map((entry) => entry.view))) await online.retire(view, materializedAt);
  return { rowsIn: films.length, rowsOut: entries.length, detail: { films: films.length, entries: entries.length } };
}

async function vectorEntries({ database }: TaskContext): Promise<Entry[]> {
  const rows = await database.query<{
    tmdb_id: CatalogFilm["tmdbId"];
    as_of: string;
    views_hash: string;
    values: number[];
  }>('select tmdb_id, as_of, views_hash, "values" from feature_movies');
  return rows.map((row) => ({
    ...ONLINE.features(row.tmdb_id),
    value: encodeVector({
      asOf: epochDay(row.as_of as CalendarDate),
      viewsHash: row.views_hash,
      values: Float64Array.from(row.values),
    }),
  }));
}

function filmEntries(film: CatalogFilm): Entry[] {
  const { tmdbId, imdbId, title, releaseDate, observed } = film;
  const card = encodeCard({
    tmdbId,
    title,
    ...(imdbId === undefined ? {} : { imdbId }),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    ...(observed === undefined ? {} : { actual: observed }),
  });
  return [
    { ...ONLINE.facts(tmdbId), value: encodeFilmFacts(film.facts) },
    { ...ONLINE.card(tmdbId), value: card },
    ...(imdbId === undefined ? [] : [{ ...ONLINE.byImdb(imdbId), value: encodeText(tmdbId) }]),
  ];
}

function recordEntries(history: RatingHistory): Entry[] {
  return [...history].map(([key, record]) => ({ ...ONLINE.record(key), value: encodeTrackRecord(record) }));
}

/** Of namesakes the one with the most films, then the lowest id. */
async function nameEntries({ database }: TaskContext): Promise<Entry[]> {
  const people = await database.query<{ id: number; name: string }>(
    `select p.person_id as id, p.name from people p join credits c using (person_id)
     where c.billing is not null or c.job = 'Director' or c.department = 'Writing'
     group by p.person_id order by count(distinct c.tmdb_id), p.person_id desc`,
  );
  const companies = await database.query<{ id: number; name: string }>(
    `select c.company_id as id, c.name from companies c join movie_companies m using (company_id)
     group by c.company_id order by count(*), c.company_id desc`,
  );
  const entries = [
    ...people.map(({ id, name }): Entry => ({ ...ONLINE.personName(name), value: encodeText(id) })),
    ...companies.map(({ id, name }): Entry => ({ ...ONLINE.companyName(name), value: encodeText(id) })),
  ];
  // Later entries win, so the ascending order above leaves the busiest namesake.
  return [...new Map(entries.map((entry) => [entry.entity, entry])).values()];
}
