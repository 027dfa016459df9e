import { sha256 } from "@marquee/shared/service/ids";
import type { Archive, ListedManifest } from "../archive/archive.ts";
import type { DeletedFilm, FetchedFilm } from "./fetched-film.ts";
import { parseTmdbMovie, pathId, type Refused, type TmdbBody } from "./tmdb-movie.ts";

/** What one fetch of TMDB's says of films. */
export interface Fetch {
  manifestKey: string;
  films: FetchedFilm[];
  deleted: DeletedFilm[];
  refused: Refused[];
  /** Those that tell of a film, also where it is refused, parsed: an answer that there is none has another form. */
  bodies: unknown[];
}

/**
 * @param wanted ids as the quarantine has them; all unless given
 * @throws OBJECT_CORRUPT, OBJECT_NOT_FOUND
 */
export async function readFetch(
  archive: Archive,
  { key, manifest }: ListedManifest,
  wanted?: ReadonlySet<string>,
): Promise<Fetch> {
  const stamp = { observedAt: manifest.observedAt, manifestKey: key };
  const fetch: Fetch = { manifestKey: key, films: [], deleted: [], refused: [], bodies: [] };
  for (const archived of await archive.readBodies(manifest)) {
    if (!archived.path.startsWith("/movie/")) continue;
    const result = parseTmdbMovie(archived);
    if (wanted && !wanted.has(idIn(result)) && !wanted.has(pathId(archived.path))) continue;
    if (result.json !== undefined && tellsOfFilm(result)) fetch.bodies.push(result.json);
    if ("movie" in result) fetch.films.push({ ...stamp, movie: result.movie, payloadSha256: sha256(archived.body) });
    else if ("deleted" in result) fetch.deleted.push({ ...stamp, tmdbId: result.deleted });
    else fetch.refused.push(result.refused);
  }
  return fetch;
}

function tellsOfFilm(body: TmdbBody): boolean {
  return "movie" in body || ("refused" in body && body.refused.reason !== "error_body");
}

function idIn(body: TmdbBody): string {
  if ("movie" in body) return String(body.movie.id);
  return "deleted" in body ? String(body.deleted) : body.refused.sourceId;
}
