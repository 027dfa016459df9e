import type { Queries, Transaction } from "@marquee/shared/backing/postgres/database";
import { copyChunks, copyLine } from "./copy-line.ts";
import { createKeySet, type KeySet } from "./link-key-set.ts";
import { chooseTitle, compareDirectors, linkScore } from "./link-score.ts";
import { titleKey } from "./link-title-key.ts";

/** Rows of one query over a whole table: large enough to be quick, small enough to hold. */
const ROWS_PER_PAGE = 20_000;
/** Films whose candidates are compared at a time. */
const FILMS_PER_PAGE = 1_000;
/** Candidates that a conflict names. */
const MAX_NAMED = 5;

/**
 * Looks for the titles of films for which `link_external` has none, into `links`; what is not clear into `conflicts`.
 * Millions of titles are read in pages and compared with a set of the films' titles; only what may match is kept.
 * @param queries for reading beside what `tx` is writing
 */
export async function linkBySearch(tx: Transaction, queries: Queries, signal: AbortSignal): Promise<void> {
  await tx.execute(
    `create temporary table link_films (tmdb_id integer, key text, year integer) on commit drop;
     create temporary table link_keys (imdb_number integer, key text, is_aka boolean) on commit drop;
     create temporary table link_choices (tmdb_id integer, imdb_number integer, score real, kind text, detail text) on commit drop`,
  );
  const wanted = createKeySet();
  const films = await tx.query<{ tmdb_id: number }>(
    `select tmdb_id from movies m where deleted_at is null and release_date is not null
       and not exists (select from link_external e where e.tmdb_id = m.tmdb_id) limit 1`,
  );
  if (films.length === 0) return;
  await copyFilmKeys(tx, wanted, signal);
  for (const table of [TITLE_PAGE, AKA_PAGE])
    await tx.copyFrom("copy link_keys from stdin", copyChunksOf(titleKeys(queries, table, wanted, signal)));
  await tx.execute("analyze link_films; analyze link_keys");
  await tx.execute(PAIRS);
  await tx.execute("create index on link_pairs (tmdb_id); analyze link_pairs");
  await compareCandidates(tx, signal);
  await tx.execute(`analyze link_choices; ${CLAIMS}; ${LINKS}; ${AMBIGUOUS}; ${TAKEN}`);
}

/** The keys of the films' titles, into `link_films` and `wanted`. */
async function copyFilmKeys(tx: Transaction, wanted: KeySet, signal: AbortSignal): Promise<void> {
  let last = 0;
  for (;;) {
    signal.throwIfAborted();
    const films = await tx.query<{ tmdb_id: number; titles: string[]; year: number }>(
      `select m.tmdb_id, array_remove(array[m.title, m.original_title], null) as titles,
              extract(year from m.release_date)::integer as year
       from movies m where m.tmdb_id > $1 and m.deleted_at is null and m.release_date is not null
         and not exists (select from link_external e where e.tmdb_id = m.tmdb_id)
       order by m.tmdb_id limit $2`,
      [last, ROWS_PER_PAGE],
    );
    const lines = films.flatMap(({ tmdb_id: tmdbId, titles, year }) =>
      [...new Set(titles.map(titleKey))].map((key) => {
        wanted.add(key);
        return copyLine([tmdbId, key, year]);
      }),
    );
    await tx.copyFrom("copy link_films from stdin", copyChunks(lines));
    const end = films.at(-1);
    if (end === undefined || films.length < ROWS_PER_PAGE) return;
    last = end.tmdb_id;
  }
}

interface TitlePage {
  imdb_number: number;
  ordering: number;
  titles: string[];
}

const TITLE_PAGE = `
  select imdb_number, 0 as ordering, array_remove(array[primary_title, original_title], null) as titles, false as is_aka
  from imdb_titles where (imdb_number, 0) > ($1, $2) order by imdb_number limit $3`;
const AKA_PAGE = `
  select imdb_number, ordering, array[title] as titles, true as is_aka
  from imdb_akas where (imdb_number, ordering) > ($1, $2) order by imdb_number, ordering limit $3`;

/** Lines for `link_keys` of the titles that may be a film's. */
async function* titleKeys(
  queries: Queries,
  page: string,
  wanted: KeySet,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  let last = [0, 0];
  for (;;) {
    signal.throwIfAborted();
    const rows = await queries.query<TitlePage>(page, [...last, ROWS_PER_PAGE]);
    yield rows.flatMap((row) =>
      [...new Set(row.titles.map(titleKey))]
        .filter((key) => wanted.mayHave(key))
        .map((key) => copyLine([row.imdb_number, key, page === AKA_PAGE ? "t" : "f"])),
    );
    const end = rows.at(-1);
    if (end === undefined || rows.length < ROWS_PER_PAGE) return;
    last = [end.imdb_number, end.ordering];
  }
}

async function* copyChunksOf(pages: AsyncIterable<string[]>): AsyncGenerator<string> {
  for await (const lines of pages) yield* copyChunks(lines);
}

const PAIRS = `
  create temporary table link_pairs on commit drop as
  select f.tmdb_id, k.imdb_number, bool_and(k.is_aka) as is_aka, min(abs(f.year - t.start_year)) as years_apart
  from link_films f join link_keys k using (key) join imdb_titles t using (imdb_number)
  where abs(f.year - t.start_year) <= 1
  group by f.tmdb_id, k.imdb_number`;

interface Pair {
  tmdb_id: number;
  imdb_number: number;
  is_aka: boolean;
  years_apart: number;
  /** Such as `tt0133093 The Matrix (1999)`. */
  name: string;
  directors: string[];
  imdb_directors: string[];
}

/** Scores the pairs of each film and chooses, into `link_choices`. */
async function compareCandidates(tx: Transaction, signal: AbortSignal): Promise<void> {
  let last = 0;
  for (;;) {
    signal.throwIfAborted();
    const pairs = await tx.query<Pair>(PAIR_PAGE, [last, FILMS_PER_PAGE]);
    const films = [...Map.groupBy(pairs, ({ tmdb_id }) => tmdb_id)];
    const lines = films.flatMap(([tmdbId, candidates]) => choiceLine(tmdbId, candidates) ?? []);
    await tx.copyFrom("copy link_choices from stdin", copyChunks(lines));
    const end = films.at(-1);
    if (end === undefined || films.length < FILMS_PER_PAGE) return;
    [last] = end;
  }
}

const PAIR_PAGE = `
  select p.*, format('%s %s (%s)', imdb_id(p.imdb_number), t.primary_title, t.start_year) as name,
         array(select e.name from credits c join people e using (person_id) where c.tmdb_id = p.tmdb_id and c.job = 'Director') as directors,
         array(select e.name from imdb_crew c join imdb_people e using (person_number)
               where c.imdb_number = p.imdb_number and c.role = 'director') as imdb_directors
  from link_pairs p join imdb_titles t using (imdb_number)
  where p.tmdb_id in (select distinct tmdb_id from link_pairs where tmdb_id > $1 order by tmdb_id limit $2)
  order by p.tmdb_id, p.imdb_number`;

function choiceLine(tmdbId: number, pairs: readonly Pair[]): string | undefined {
  const scored = pairs.map((pair) => ({
    imdbNumber: pair.imdb_number,
    name: pair.name,
    score: linkScore({
      title: pair.is_aka ? "aka" : "title",
      yearsApart: pair.years_apart,
      director: compareDirectors(pair.directors, pair.imdb_directors),
    }),
  }));
  const choice = chooseTitle(scored);
  if (choice === undefined) return undefined;
  const named = scored
    .toSorted((a, b) => b.score - a.score || a.imdbNumber - b.imdbNumber)
    .slice(0, MAX_NAMED)
    .map(({ name, score }) => `${name} ${score.toFixed(2)}`);
  const more = scored.length - named.length;
  const detail = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return copyLine([tmdbId, choice.imdbNumber, choice.score, choice.kind, detail]);
}

/** Who has a title: by external id, else the best score, then the lowest id. */
const CLAIMS = `
  create temporary table link_claims on commit drop as
  select distinct on (c.imdb_number) c.imdb_number, coalesce(l.tmdb_id, c.tmdb_id) as winner
  from link_choices c left join links l using (imdb_number)
  where c.kind = 'link' order by c.imdb_number, c.score desc, c.tmdb_id`;
const LINKS = `
  insert into links select c.tmdb_id, c.imdb_number, 'title_year_director', c.score
  from link_choices c join link_claims w on w.imdb_number = c.imdb_number and w.winner = c.tmdb_id where c.kind = 'link'`;
const AMBIGUOUS = `
  insert into conflicts select tmdb_id, imdb_number, 'ambiguous', detail, score from link_choices where kind = 'ambiguous'`;
const TAKEN = `
  insert into conflicts
  select c.tmdb_id, c.imdb_number, 'taken', format('%s is film %s at TMDB', c.detail, w.winner), c.score
  from link_choices c join link_claims w on w.imdb_number = c.imdb_number and w.winner <> c.tmdb_id where c.kind = 'link'`;
