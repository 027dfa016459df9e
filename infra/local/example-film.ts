import type { ExampleFilm } from "@marquee/controltower/serving/api-examples";
import type { Database } from "@marquee/shared/backing/postgres/database";

/** The film of the catalog with the most votes, so that what is copied from the screen shows something familiar. */
export async function findExampleFilm(database: Database): Promise<ExampleFilm | undefined> {
  const [film] = await database.query<ExampleFilm>(
    `select m.tmdb_id as "tmdbId", m.imdb_id as "imdbId", m.release_date as "releaseDate", p.name as director
     from movies m
     join credits c on c.tmdb_id = m.tmdb_id and c.job = 'Director'
     join people p using (person_id)
     join lateral (
       select votes from imdb_ratings r where r.imdb_number = m.imdb_number order by r.observed_on desc limit 1
     ) r on true
     where m.release_date is not null and m.deleted_at is null
     order by r.votes desc, m.tmdb_id, p.person_id limit 1`,
  );
  return film;
}
