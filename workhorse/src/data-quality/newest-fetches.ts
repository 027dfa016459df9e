import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { type Manifest, manifestPrefix } from "../archive/manifest.ts";

const SOURCES = ["tmdb", "imdb"] as const satisfies readonly Manifest["source"][];

/**
 * The day (UTC) of each source's newest fetch that is in the catalog, as the manifests' keys have it. Keys are compared
 * as bytes: with 100,000 fetches the worker's page takes 85 ms so, and 290 where every key is taken apart.
 */
export async function newestFetches(queries: Queries): Promise<{ source: Manifest["source"]; day: CalendarDate }[]> {
  return queries.query(
    `select source, split_part(newest, '/', 4)::date as day
     from unnest($1::text[], $2::text[]) as s(source, prefix)
     cross join lateral (
       select max(manifest_key collate "C") as newest from archive_loads
       where status = 'loaded' and starts_with(manifest_key, prefix)
     ) n
     where newest is not null order by source`,
    [SOURCES, SOURCES.map(manifestPrefix)],
  );
}
