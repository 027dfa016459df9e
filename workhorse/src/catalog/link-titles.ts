import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { TaskContext } from "../tasks/task-context.ts";
import { linkByExternalId } from "./link-external.ts";
import { linkBySearch } from "./link-search.ts";

/** What linking found, and how many films and conflicts that changed. */
export interface LinkCounts {
  external: number;
  searched: number;
  conflicts: number;
  changed: number;
}

/**
 * Finds the title of IMDb's that each film is (docs/adr/0023): by the id that TMDB names, else by title, year and
 * director. Computed from the whole catalog, so that the order in which rows came makes no difference, and written as
 * the difference to what is there: a second run writes nothing. A film that TMDB has deleted gives its title up.
 */
export async function linkTitles({ database, clock, signal }: TaskContext): Promise<LinkCounts> {
  return database.transaction(async (tx) => {
    await tx.execute(
      `create temporary table links (tmdb_id integer primary key, imdb_number integer unique, how text, score real) on commit drop;
       create temporary table conflicts (tmdb_id integer, imdb_number integer, kind text, detail text, score real) on commit drop`,
    );
    await linkByExternalId(tx);
    await linkBySearch(tx, database, signal);
    await tx.execute("analyze links; analyze conflicts");
    const changed = (await writeLinks(tx)) + (await writeConflicts(tx, clock.now()));
    const [counts] = await tx.query<Omit<LinkCounts, "changed">>(
      `select count(*) filter (where how = 'external_id')::integer as external,
              count(*) filter (where how <> 'external_id')::integer as searched,
              (select count(*)::integer from conflicts) as conflicts
       from links`,
    );
    return { external: 0, searched: 0, conflicts: 0, ...counts, changed };
  });
}

async function writeLinks(tx: Transaction): Promise<number> {
  return tx.execute(
    `update movies m set imdb_id = imdb_id(l.imdb_number), imdb_link = l.how, imdb_link_score = l.score
     from movies old left join links l using (tmdb_id)
     where m.tmdb_id = old.tmdb_id
       and (old.imdb_id, old.imdb_link, old.imdb_link_score) is distinct from (imdb_id(l.imdb_number), l.how, l.score)`,
  );
}

async function writeConflicts(tx: Transaction, now: Date): Promise<number> {
  const gone = await tx.execute(
    `delete from link_conflicts o where not exists (
       select from conflicts c where (c.tmdb_id, c.imdb_number, c.kind) = (o.tmdb_id, o.imdb_number, o.kind))`,
  );
  const seen = await tx.execute(
    `insert into link_conflicts as o (tmdb_id, imdb_number, kind, detail, score, first_seen, last_seen)
     select tmdb_id, imdb_number, kind, detail, score, $1, $1 from conflicts
     on conflict (tmdb_id, imdb_number, kind) do update set
       detail = excluded.detail, score = excluded.score, last_seen = excluded.last_seen
     where (o.detail, o.score) is distinct from (excluded.detail, excluded.score)`,
    [now],
  );
  return gone + seen;
}
