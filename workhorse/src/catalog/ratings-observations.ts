import type { Transaction } from "@marquee/shared/backing/postgres/database";
import type { CalendarDate } from "@marquee/shared/contracts/time";

export interface StagedDay {
  /** Of every row of `ratings_staging`. */
  day: CalendarDate;
  /** Whether a later day's file was loaded already: the gate had stopped this one, and a person has accepted it since. */
  late: boolean;
}

/**
 * Adds to `imdb_ratings` what the table `ratings_staging` says otherwise than was known up to its day. A row says "from
 * this day on", so a title whose rating has not moved gets none. A row that is there stays: of two files of a day the
 * first that moved a title counts.
 * @returns rows of `imdb_ratings` that are other than before
 */
export async function insertObservations(tx: Transaction, { day, late }: StagedDay): Promise<number> {
  await tx.execute("analyze ratings_staging");
  await tx.execute(
    `create temporary table ratings_moved on commit drop as
     select s.*, known.average as known_average, known.votes as known_votes
     from (select distinct on (imdb_number) * from ratings_staging order by imdb_number, ctid) s
     left join lateral (
       select r.average, r.votes, r.observed_on from imdb_ratings r
       where r.imdb_number = s.imdb_number and r.observed_on <= s.observed_on
       order by r.observed_on desc limit 1
     ) known on true
     where (s.average, s.votes) is distinct from (known.average, known.votes)
       and known.observed_on is distinct from s.observed_on`,
  );
  const added = await tx.execute(
    "insert into imdb_ratings select imdb_number, observed_on, average, votes from ratings_moved",
  );
  return added + (late && added > 0 ? await keepLaterDays(tx, day) : 0);
}

/**
 * What a late file adds must not change what later files said: a title that it moves moves back on the next day of which
 * there are rows, unless it has one of its own there; that one is needless where both say the same.
 */
async function keepLaterDays(tx: Transaction, day: CalendarDate): Promise<number> {
  const [next] = await tx.query<{ day: CalendarDate | null }>(
    "select min(observed_on) as day from imdb_ratings where observed_on > $1",
    [day],
  );
  if (!next?.day) return 0;
  const movedBack = await tx.execute(
    `insert into imdb_ratings
     select m.imdb_number, $1, m.known_average, m.known_votes from ratings_moved m where m.known_average is not null
     on conflict do nothing`,
    [next.day],
  );
  const needless = await tx.execute(
    `delete from imdb_ratings r using ratings_moved m
     where r.imdb_number = m.imdb_number and r.observed_on = $1 and (r.average, r.votes) = (m.average, m.votes)`,
    [next.day],
  );
  return movedBack + needless;
}
