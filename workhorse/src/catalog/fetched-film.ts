import type { Instant } from "@marquee/shared/contracts/time";
import type { TmdbMovie } from "./tmdb-movie.ts";

/** Which fetch something was said in: what a later one says counts, whatever the order of loading. */
export interface Stamp {
  observedAt: Instant;
  /** "" where it is not known. */
  manifestKey: string;
}

/** One film's body as read from the archive. */
export interface FetchedFilm extends Stamp {
  movie: TmdbMovie;
  payloadSha256: string;
}

/** TMDB's word that a film is gone. */
export interface DeletedFilm extends Stamp {
  tmdbId: number;
}

/** By time; fetches of one millisecond by their keys, so that the order is the same every time. */
export function compareStamps(a: Stamp, b: Stamp): number {
  const apart = Date.parse(a.observedAt) - Date.parse(b.observedAt);
  if (apart !== 0) return apart;
  if (a.manifestKey === b.manifestKey) return 0;
  return a.manifestKey < b.manifestKey ? -1 : 1;
}
