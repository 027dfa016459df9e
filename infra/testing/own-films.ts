import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** A film's true rating follows from who made it, so that there is something to learn. */
const DIRECTORS = 40;
const ACTORS = 120;
const GENRES = [18, 35, 28, 27, 53, 10749];
/** So many days lie between two films. */
const DAYS_APART = 9;

/** What is otherwise than by itself. */
export interface OwnFilmsChange {
  /** Titles by the film's number. */
  titles?: Record<number, string>;
}

/**
 * Writes a folder of made-up films in the form that the sandbox documents for films of one's own: TMDB bodies, and
 * IMDb's ratings and titles. Equal arguments give equal files, and the first films of more are those of fewer.
 */
export function writeOwnFilms(folder: string, films: number, { titles = {} }: OwnFilmsChange = {}): void {
  mkdirSync(folder, { recursive: true });
  const list = Array.from({ length: films }, (_, i) => ownFilm(i, titles[i] ?? `Film ${i}`));
  const gzip = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), gzipSync(`${lines.join("\n")}\n`));
  gzip(
    "movies.jsonl.gz",
    list.map(({ body }) => JSON.stringify(body)),
  );
  gzip("title.ratings.tsv.gz", [
    "tconst\taverageRating\tnumVotes",
    ...list.map(({ imdbId, rating, votes }) => `${imdbId}\t${rating.toFixed(1)}\t${votes}`),
  ]);
  gzip("title.basics.tsv.gz", [
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres",
    ...list.map(
      ({ imdbId, body }) =>
        `${imdbId}\tmovie\t${body.title}\t${body.title}\t0\t${body.release_date.slice(0, 4)}\t\\N\t${body.runtime}\tDrama`,
    ),
  ]);
}

function ownFilm(i: number, title: string) {
  const director = noise(i, 1, DIRECTORS);
  const cast = [noise(i, 2, ACTORS), noise(i, 3, ACTORS), noise(i, 4, ACTORS)];
  const genre = noise(i, 5, GENRES.length);
  const talent = (director / DIRECTORS - 0.5) * 3 + (genre / GENRES.length - 0.5);
  const luck = (noise(i, 6, 1_000) / 1_000 - 0.5) * 1.2;
  const imdbId = `tt${String(8_000_000 + i)}`;
  return {
    imdbId,
    rating: Math.min(9.8, Math.max(1.2, 6.3 + talent + luck)),
    votes: 60 + noise(i, 7, 100_000),
    body: {
      id: 700_000 + i,
      imdb_id: imdbId,
      title,
      original_title: title,
      original_language: "en",
      release_date: new Date(Date.UTC(2000, 0, 1 + i * DAYS_APART)).toISOString().slice(0, 10),
      status: "Released",
      runtime: 80 + noise(i, 8, 60),
      budget: 1_000_000 * (1 + noise(i, 9, 90)),
      revenue: 0,
      overview: "",
      tagline: "",
      vote_average: 0,
      vote_count: 0,
      belongs_to_collection: null,
      genres: [{ id: GENRES[genre] ?? 18, name: "" }],
      production_companies: [{ id: 5_000 + (i % 12), name: `Studio ${i % 12}` }],
      credits: {
        cast: cast.map((actor, order) => ({
          id: 10_000 + actor,
          name: `Actor ${actor}`,
          credit_id: `a${i}-${order}`,
          order,
        })),
        crew: [
          {
            id: 20_000 + director,
            name: `Director ${director}`,
            credit_id: `d${i}`,
            department: "Directing",
            job: "Director",
          },
        ],
      },
    },
  };
}

/** A whole number from 0 below `below`, the same for the same arguments (a multiplicative hash). */
function noise(i: number, stream: number, below: number): number {
  const mixed = Math.imul((i + 1) * 2_654_435_761 + stream * 40_503, 2_246_822_519) >>> 0;
  return Math.floor(((Math.imul(mixed ^ (mixed >>> 15), 3_266_489_917) >>> 0) / 4_294_967_296) * below);
}
