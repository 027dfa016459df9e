import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { Clock } from "@marquee/shared/service/clock";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import type { ListedFilm } from "./tmdb-client.ts";

/** A film with the identity of what a list says of it. */
export interface Listing {
  tmdbId: TmdbId;
  sha256: string;
}

/** @param crawl identity of the crawl: for another one every entry counts as changed */
export function listingsOf(films: readonly ListedFilm[], crawl: string): Listing[] {
  return films.map(({ id, ...entry }) => ({ tmdbId: id as TmdbId, sha256: sha256(canonicalJson({ crawl, entry })) }));
}

/** Those that are new or said something else when the film's details were fetched last, in their order. */
export async function changedListings(database: Queries, listings: readonly Listing[]): Promise<Listing[]> {
  const rows = await database.query<{ tmdb_id: number; sha256: string }>(
    "select tmdb_id, sha256 from tmdb_listings where tmdb_id = any($1)",
    [listings.map(({ tmdbId }) => tmdbId)],
  );
  const known = new Map(rows.map((row) => [row.tmdb_id, row.sha256]));
  return listings.filter((listing) => known.get(listing.tmdbId) !== listing.sha256);
}

/** Notes what the list said of films whose details are now in the archive. */
export async function saveListings(database: Queries, clock: Clock, listings: readonly Listing[]): Promise<void> {
  await database.execute(
    `insert into tmdb_listings (tmdb_id, sha256, fetched_at)
     select distinct on (r.tmdb_id) r.tmdb_id, r.sha256, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as r(tmdb_id integer, sha256 text)
     on conflict (tmdb_id) do update set sha256 = excluded.sha256, fetched_at = excluded.fetched_at`,
    [JSON.stringify(listings.map((listing) => ({ tmdb_id: listing.tmdbId, sha256: listing.sha256 }))), clock.now()],
  );
}
