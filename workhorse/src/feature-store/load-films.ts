import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { type FilmFacts, type LaterFacts, LEAD_CAST, LEAD_COMPANIES } from "@marquee/shared/features/film-facts";
import { isMature, MATURE_VOTES } from "@marquee/shared/features/maturity";
import type { HistoryFilm, RatedFilm } from "@marquee/shared/features/rating-history";
import { CREDIT_ROLES } from "./credit-roles.ts";

/** A film of the catalog as the feature store sees it. */
export interface CatalogFilm {
  tmdbId: TmdbId;
  imdbId: ImdbId | undefined;
  title: string;
  releaseDate: CalendarDate | undefined;
  facts: FilmFacts;
  later: LaterFacts;
}

interface FilmRow {
  tmdb_id: number;
  imdb_id: string | null;
  title: string;
  overview: string | null;
  tagline: string | null;
  release_date: string | null;
  runtime_minutes: number | null;
  budget_usd: number | null;
  revenue_usd: number | null;
  original_language: string | null;
  countries: string[] | null;
  keywords: string[] | null;
  collection_id: number | null;
  genre_ids: number[] | null;
  director_ids: number[] | null;
  writer_ids: number[] | null;
  composer_ids: number[] | null;
  cast_ids: number[] | null;
  company_ids: number[] | null;
  rating: number | null;
  votes: number | null;
}

/**
 * Which films there are, as a condition on rows of `movies m`: those that TMDB has deleted are none, nor are those whose
 * year the two sources cannot agree on, since they have no place in time.
 */
export const FILMS_THERE = `m.deleted_at is null
  and not exists (select from link_conflicts l where l.tmdb_id = m.tmdb_id and l.kind = 'year')`;

/** Everything that features are made from, in the order of film ids. */
export async function loadFilms(database: Queries): Promise<CatalogFilm[]> {
  const rows = await database.query<FilmRow>(FILMS, [LEAD_CAST, LEAD_COMPANIES]);
  return rows.map(toFilm);
}

/** The films whose rating counts as an outcome on `today`. */
export function matureFilms(
  films: readonly CatalogFilm[],
  today: EpochDay,
): (CatalogFilm & RatedFilm & { votes: number })[] {
  return films.flatMap((film) => {
    const { observed } = film.later;
    if (!observed || !isMature(observed.votes, film.facts.releaseDay, today)) return [];
    return [{ ...film, rating: observed.rating, votes: observed.votes }];
  });
}

/**
 * All films with the outcomes that the history is built from: those with enough votes. From when on an outcome counts
 * is said by its event time alone, for a film of today as for one of long ago; that a *target* is to be MATURE_DAYS out
 * is another matter.
 */
export function historyFilms(films: readonly CatalogFilm[]): HistoryFilm[] {
  return films.map(({ tmdbId, facts, later: { observed } }) => {
    const counts = observed !== undefined && observed.votes >= MATURE_VOTES;
    return { tmdbId, facts, rating: counts ? observed.rating : undefined };
  });
}

const FILMS = `
  with genres as (
    select tmdb_id, array_agg(genre_id order by genre_id) as ids from movie_genres group by tmdb_id
  ), crew as (
    select tmdb_id,
           array_agg(distinct person_id) filter (where ${CREDIT_ROLES.director}) as directors,
           array_agg(distinct person_id) filter (where ${CREDIT_ROLES.writer}) as writers,
           array_agg(distinct person_id) filter (where ${CREDIT_ROLES.composer}) as composers
    from credits where billing is null group by tmdb_id
  ), leads as (
    select tmdb_id, array_agg(person_id order by billing, credit_id) as ids
    from (select *, row_number() over (partition by tmdb_id order by billing, credit_id) as place
          from (select distinct on (tmdb_id, person_id) tmdb_id, person_id, billing, credit_id
                from credits where ${CREDIT_ROLES.cast} order by tmdb_id, person_id, billing, credit_id) each_once) numbered
    where place <= $1 group by tmdb_id
  ), studios as (
    select tmdb_id, array_agg(company_id order by position) as ids
    from (select tmdb_id, company_id, position, row_number() over (partition by tmdb_id order by position) as place from movie_companies) numbered
    where place <= $2 group by tmdb_id
  )
  select m.tmdb_id, m.imdb_id, m.title, m.overview, m.tagline, m.release_date, m.runtime_minutes, m.budget_usd, m.revenue_usd,
         m.original_language, m.countries, m.keywords, m.collection_id, genres.ids as genre_ids,
         crew.directors as director_ids, crew.writers as writer_ids, crew.composers as composer_ids, leads.ids as cast_ids,
         studios.ids as company_ids, observed.average as rating, observed.votes
  from movies m
  left join genres using (tmdb_id) left join crew using (tmdb_id) left join leads using (tmdb_id) left join studios using (tmdb_id)
  left join lateral (
    select average, votes from imdb_ratings r where r.imdb_number = m.imdb_number order by r.observed_on desc limit 1
  ) observed on true
  where ${FILMS_THERE}
  order by m.tmdb_id`;

function toFilm(row: FilmRow): CatalogFilm {
  const releaseDate = (row.release_date ?? undefined) as CalendarDate | undefined;
  return {
    tmdbId: row.tmdb_id as TmdbId,
    imdbId: (row.imdb_id ?? undefined) as ImdbId | undefined,
    title: row.title,
    releaseDate,
    facts: {
      title: row.title,
      overview: row.overview ?? undefined,
      tagline: row.tagline ?? undefined,
      releaseDay: releaseDate === undefined ? undefined : epochDay(releaseDate),
      runtimeMinutes: row.runtime_minutes ?? undefined,
      budgetUsd: row.budget_usd ?? undefined,
      language: row.original_language ?? undefined,
      countries: row.countries ?? undefined,
      genreIds: row.genre_ids ?? undefined,
      directorIds: row.director_ids ?? undefined,
      writerIds: row.writer_ids ?? undefined,
      composerIds: row.composer_ids ?? undefined,
      castIds: row.cast_ids ?? undefined,
      companyIds: row.company_ids ?? undefined,
      collectionId: row.collection_id ?? undefined,
    },
    later: {
      observed:
        row.rating === null || row.votes === null ? undefined : { rating: Number(row.rating), votes: row.votes },
      keywords: row.keywords ?? undefined,
      revenueUsd: row.revenue_usd ?? undefined,
    },
  };
}
