import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { copyChunks, copyLine } from "./copy-line.ts";
import type { FetchedFilm, Stamp } from "./fetched-film.ts";
import type { TmdbMovie } from "./tmdb-movie.ts";

/** What has an id and a name at TMDB and no body of its own here, and which films mention it. */
const NAMED = {
  collections: {
    key: "collection_id",
    of: ({ belongs_to_collection: collection }) => (collection ? [collection] : []),
    mentions: "movies",
  },
  people: {
    key: "person_id",
    of: ({ credits }) => [...(credits?.cast ?? []), ...(credits?.crew ?? [])],
    mentions: "credits",
  },
  companies: {
    key: "company_id",
    of: ({ production_companies }) => production_companies,
    mentions: "movie_companies",
  },
} as const satisfies Record<string, Named>;

interface Named {
  key: string;
  of(movie: TmdbMovie): readonly { id: number; name: string }[];
  /** The table of films with its ids. */
  mentions: string;
}

interface Name extends Stamp {
  id: number;
  name: string;
  /** Whether the body that says it is the one that its film's row is made from, and so tells when it was said. */
  shown: boolean;
}

/**
 * Writes the names that films mention. Every body says them anew and the newest counts, so that the order of loading
 * makes no difference: a name that is there already stays where it was said by a body that was fetched later. When that
 * was the films that mention it tell, so that a name that is said again is not written again; of bodies that no film
 * shows, `named_at` tells.
 * @param films in the order of their fetching, before they are written
 * @param current those of them that films' rows will be made from
 */
export async function writeNames(
  tx: Transaction,
  films: readonly FetchedFilm[],
  current: ReadonlySet<FetchedFilm>,
): Promise<void> {
  for (const [table, named] of Object.entries(NAMED)) {
    const names = new Map<number, Name>();
    for (const film of films) {
      const { movie, observedAt, manifestKey } = film;
      const shown = current.has(film);
      for (const { id, name } of named.of(movie)) names.set(id, { id, name, shown, observedAt, manifestKey });
    }
    if (names.size > 0) await writeTable(tx, table, named, names);
  }
}

/**
 * Notes of the names that films mention now and will not any more when they were said.
 * @param films about to be replaced
 */
export async function keepNamesOfOldBodies(tx: Transaction, films: readonly FetchedFilm[]): Promise<void> {
  for (const [table, { key, mentions, of }] of Object.entries<Named>(NAMED)) {
    const still = films.flatMap(({ movie }) => of(movie).map(({ id }) => ({ film: movie.id, id })));
    await tx.execute(
      `update ${table} t set named_at = greatest(t.named_at, old.said_at)
       from (select x.${key} as id, max(m.fetched_at) as said_at from ${mentions} x join movies m on m.tmdb_id = x.tmdb_id
             where x.tmdb_id = any($1) and not exists (
               select from unnest($2::integer[], $3::integer[]) as still(film, id)
               where (still.film, still.id) = (x.tmdb_id, x.${key}))
             group by x.${key}) old
       where t.${key} = old.id`,
      [films.map(({ movie }) => movie.id), still.map(({ film }) => film), still.map(({ id }) => id)],
    );
  }
}

async function writeTable(
  tx: Transaction,
  table: string,
  named: Named,
  names: ReadonlyMap<number, Name>,
): Promise<void> {
  const { key } = named;
  // Compared here: most names are known and the same, and nothing is written for those.
  const rows = await tx.query<{ id: number; name: string }>(
    `select ${key} as id, name from ${table} where ${key} = any($1)`,
    [[...names.keys()]],
  );
  const known = new Map(rows.map(({ id, name }) => [id, name]));
  const added = [...names.values()].filter(({ id }) => !known.has(id));
  const told = [...names.values()].filter(({ id, name, shown }) => known.has(id) && (known.get(id) !== name || !shown));
  if (told.length > 0) await rename(tx, table, named, told);
  if (added.length > 0)
    await tx.copyFrom(
      `copy ${table} (${key}, name, named_at) from stdin`,
      copyChunks(added.map(({ id, name, shown, observedAt }) => copyLine([id, name, shown ? null : observedAt]))),
    );
}

async function rename(tx: Transaction, table: string, { key, mentions }: Named, names: readonly Name[]): Promise<void> {
  await tx.execute(
    `update ${table} t set name = r.name, named_at = case when r.shown then t.named_at else r.observed_at end
     from unnest($1::integer[], $2::text[], $3::boolean[], $4::timestamptz[], $5::text[]) as r(id, name, shown, observed_at, manifest_key)
     where t.${key} = r.id and (t.named_at is null or t.named_at <= r.observed_at) and not exists (
       select from ${mentions} x join movies m on m.tmdb_id = x.tmdb_id
       where x.${key} = r.id and (m.fetched_at, coalesce(m.manifest_key, '') collate "C") > (r.observed_at, r.manifest_key))`,
    [
      names.map(({ id }) => id),
      names.map(({ name }) => name),
      names.map(({ shown }) => shown),
      names.map(({ observedAt }) => observedAt),
      names.map(({ manifestKey }) => manifestKey),
    ],
  );
}
