/** TMDB's film genres, as `GET /3/genre/movie/list` has listed them for years. The order is the models' column order. */
export const GENRES = [
  { id: 28, name: "Action" },
  { id: 12, name: "Adventure" },
  { id: 16, name: "Animation" },
  { id: 35, name: "Comedy" },
  { id: 80, name: "Crime" },
  { id: 99, name: "Documentary" },
  { id: 18, name: "Drama" },
  { id: 10751, name: "Family" },
  { id: 14, name: "Fantasy" },
  { id: 36, name: "History" },
  { id: 27, name: "Horror" },
  { id: 10402, name: "Music" },
  { id: 9648, name: "Mystery" },
  { id: 10749, name: "Romance" },
  { id: 878, name: "Science Fiction" },
  { id: 10770, name: "TV Movie" },
  { id: 53, name: "Thriller" },
  { id: 10752, name: "War" },
  { id: 37, name: "Western" },
] as const;

const idByName = new Map<string, number>(GENRES.map(({ id, name }) => [name.toLowerCase(), id]));

/** The genre's TMDB id, whatever the case of its name; undefined where TMDB has no such genre. */
export function genreIdOf(name: string): number | undefined {
  return idByName.get(name.trim().toLowerCase());
}
