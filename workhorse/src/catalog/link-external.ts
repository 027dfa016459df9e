import type { Transaction } from "@marquee/shared/backing/postgres/database";
import { titleKey } from "./link-title-key.ts";

/** The two sources may differ by festival year and wide release; by more than this one of them is wrong, in years. */
const MAX_YEARS_APART = 10;

/**
 * The links that TMDB itself names, into `links`, with what is wrong with the others in `conflicts`. A number counts
 * where IMDb's files have it; before they have titles at all, every number does.
 */
export async function linkByExternalId(tx: Transaction): Promise<void> {
  await tx.execute(EXTERNAL);
  await tx.execute(
    "create index on link_external (imdb_number); create index on link_external (tmdb_id); analyze link_external",
  );
  await tx.execute(YEAR_CONFLICTS, [MAX_YEARS_APART]);
  const losers = findLosers(await tx.query<Claim>(CONTESTED));
  await tx.execute(TAKEN, [losers.map(({ tmdbId }) => tmdbId), losers.map(({ winner }) => winner)]);
  await tx.execute(
    `insert into links select tmdb_id, imdb_number, 'external_id', 1 from link_external e
     where not exists (select from conflicts c where c.tmdb_id = e.tmdb_id)`,
  );
}

const EXTERNAL = `
  create temporary table link_external on commit drop as
  select m.tmdb_id, n.imdb_number::integer, extract(year from m.release_date)::integer as year, m.release_date,
         t.start_year, m.title, m.original_title, t.primary_title, t.original_title as imdb_original_title
  from movies m
  cross join lateral (select substr(m.external_imdb_id, 3)::bigint as imdb_number) n
  left join imdb_titles t on t.imdb_number = n.imdb_number
  where m.deleted_at is null and n.imdb_number < 2147483648 and (
    t.imdb_number is not null
    or exists (select from imdb_ratings r where r.imdb_number = n.imdb_number)
    or not exists (select from imdb_titles))`;

const YEAR_CONFLICTS = `
  insert into conflicts
  select tmdb_id, imdb_number, 'year', format('TMDB says released %s, IMDb (%s) says %s', release_date, imdb_id(imdb_number), start_year), null
  from link_external where abs(year - start_year) > $1`;

/** A film that names a title which another film names too. */
interface Claim {
  tmdb_id: number;
  imdb_number: number;
  year: number | null;
  start_year: number | null;
  title: string;
  original_title: string | null;
  primary_title: string | null;
  imdb_original_title: string | null;
}

const CONTESTED = `
  select * from link_external e
  where imdb_number in (select imdb_number from link_external group by imdb_number having count(*) > 1)
    and not exists (select from conflicts c where c.tmdb_id = e.tmdb_id)`;

const TAKEN = `
  insert into conflicts
  select e.tmdb_id, e.imdb_number, 'taken', format('TMDB names %s for film %s too, which fits better', imdb_id(e.imdb_number), r.winner), null
  from unnest($1::integer[], $2::integer[]) as r(tmdb_id, winner) join link_external e using (tmdb_id)`;

/** Of films that name one title, who has its title keeps it, then who has its year, then the lowest id. */
function findLosers(claims: readonly Claim[]): { tmdbId: number; winner: number }[] {
  return [...Map.groupBy(claims, (claim) => claim.imdb_number).values()].flatMap((rivals) => {
    const [winner, ...others] = rivals.toSorted(
      (a, b) => Number(sameTitle(b)) - Number(sameTitle(a)) || yearsApart(a) - yearsApart(b) || a.tmdb_id - b.tmdb_id,
    );
    return winner === undefined ? [] : others.map((other) => ({ tmdbId: other.tmdb_id, winner: winner.tmdb_id }));
  });
}

function sameTitle(claim: Claim): boolean {
  const theirs = [claim.primary_title, claim.imdb_original_title].flatMap((title) => title ?? []).map(titleKey);
  return [claim.title, claim.original_title].some((title) => title !== null && theirs.includes(titleKey(title)));
}

function yearsApart({ year, start_year: startYear }: Claim): number {
  return year === null || startYear === null ? Number.MAX_SAFE_INTEGER : Math.abs(year - startYear);
}
