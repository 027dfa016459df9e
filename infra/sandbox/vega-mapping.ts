import type { ImdbId, TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, calendarDateSchema } from "@marquee/shared/contracts/time";
import type { Genre, MovieBody, PartName } from "./film.ts";
import { genresOfWords } from "./vega-genres.ts";
import type { CastRow, VegaRow } from "./vega-row.ts";

/** TMDB counts its films and people in the low millions: ids from here on cannot be taken for real ones. */
export const FIRST_FILM_ID = 900_000_000;
export const FIRST_PERSON_ID = 910_000_000;
export const FIRST_COMPANY_ID = 920_000_000;

/** The set was collected in 2010. Later years in it are of films a century older, whose year was given two digits. */
const LAST_TRUE_YEAR = 2011;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @param text such as `Jun 12 1998`; undefined when it is no day */
export function releaseDateOf(text: string): CalendarDate | undefined {
  const [month = "", day = "", year = ""] = text.split(" ");
  const date = `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, "0")}-${day}`;
  const parsed = calendarDateSchema.safeParse(date);
  return parsed.success ? parsed.data : undefined;
}

/** The year in which the film was out, with the set's wrong centuries set right. */
export function trueYear(date: CalendarDate): number {
  const year = Number(date.slice(0, 4));
  return year > LAST_TRUE_YEAR ? year - 100 : year;
}

/** What joins the two files of the sample. */
export function castKey(title: string | number, year: number): string {
  return `${year} ${title}`;
}

/** Names each once, without the words around them that the encyclopedia's tables left behind: "and", "(voices)", "[a]". */
export function castNames(names: readonly string[]): string[] {
  return [...new Set(names.filter((name) => !/^[([]/.test(name) && /[\p{Lu}\p{N}]/u.test(name)))];
}

/** The set doubles quotation marks in names, as CSV does. */
export function directorName(text: string): string {
  return text.replaceAll('""', '"');
}

/** Numbers names by their order in code units: the same on every machine, wherever the names come first. */
export function numberNames(names: Iterable<string>, first: number): Map<string, number> {
  return new Map([...new Set(names)].sort().map((name, i) => [name, first + i]));
}

/** A film of the sample with what the two files say of it. */
export interface SampleFilm {
  id: TmdbId;
  /** Made up; undefined for a film without a rating. */
  imdbId: ImdbId | undefined;
  title: string;
  releaseDate: CalendarDate;
  /** Differs from the release date's year where that is wrong. */
  year: number;
  runtime: number | null;
  budget: number;
  revenue: number;
  genres: Genre[];
  /** TMDB's word for the American age rating. */
  certification: string;
  director: string | undefined;
  distributor: string | undefined;
  cast: string[];
  rating: number | null;
  votes: number;
}

/**
 * @param index the row's place in movies.json, from which the ids are made
 * @returns undefined for a row without title or date
 */
export function sampleFilm(row: VegaRow, index: number, castRow: CastRow | undefined): SampleFilm | undefined {
  const releaseDate = releaseDateOf(row["Release Date"]);
  if (row.Title === null || releaseDate === undefined) return undefined;
  const rating = row["IMDB Rating"];
  return {
    id: (FIRST_FILM_ID + index) as TmdbId,
    imdbId: rating === null ? undefined : (`tt9${String(index).padStart(8, "0")}` as ImdbId),
    title: String(row.Title),
    releaseDate,
    year: trueYear(releaseDate),
    runtime: row["Running Time min"],
    budget: row["Production Budget"] ?? 0,
    revenue: row["Worldwide Gross"] ?? 0,
    genres: genresOfWords([row["Major Genre"], row["Creative Type"], ...(castRow?.genres ?? [])]),
    certification: certificationOf(row["MPAA Rating"]),
    director: row.Director === null ? undefined : directorName(row.Director),
    distributor: row.Distributor === "Distributor Unknown" ? undefined : (row.Distributor ?? undefined),
    cast: castNames(castRow?.cast ?? []),
    rating,
    votes: row["IMDB Votes"] ?? 0,
  };
}

function certificationOf(mpaa: string | null): string {
  if (mpaa === "Not Rated") return "NR";
  return mpaa === null || mpaa === "Open" ? "" : mpaa;
}

export interface SampleIds {
  people: ReadonlyMap<string, number>;
  companies: ReadonlyMap<string, number>;
}

/** The details as TMDB answers them, with what the sample does not know as TMDB leaves it: 0, null or empty. */
export function tmdbBody(film: SampleFilm, ids: SampleIds): MovieBody {
  const companyId = film.distributor === undefined ? undefined : ids.companies.get(film.distributor);
  return {
    adult: false,
    backdrop_path: null,
    belongs_to_collection: null,
    budget: film.budget,
    genres: film.genres,
    homepage: "",
    id: film.id,
    imdb_id: film.imdbId ?? null,
    origin_country: [],
    original_language: "en",
    original_title: film.title,
    overview: "",
    popularity: 0,
    poster_path: null,
    production_companies:
      companyId === undefined ? [] : [{ id: companyId, logo_path: null, name: film.distributor, origin_country: "" }],
    production_countries: [],
    release_date: film.releaseDate,
    revenue: film.revenue,
    runtime: film.runtime,
    spoken_languages: [],
    status: "Released",
    tagline: "",
    title: film.title,
    video: false,
    vote_average: 0,
    vote_count: 0,
  };
}

export function tmdbParts(film: SampleFilm, ids: SampleIds): Partial<Record<PartName, object>> {
  const directors = film.director === undefined ? [] : [film.director];
  return {
    credits: {
      cast: film.cast.map((name, i) => ({
        ...person(name, "Acting", ids),
        cast_id: i + 1,
        character: "",
        credit_id: creditId(film.id, i),
        order: i,
      })),
      crew: directors.map((name, i) => ({
        ...person(name, "Directing", ids),
        credit_id: creditId(film.id, film.cast.length + i),
        department: "Directing",
        job: "Director",
      })),
    },
    release_dates: { results: [{ iso_3166_1: "US", release_dates: [americanRelease(film)] }] },
  };
}

function person(name: string, department: string, { people }: SampleIds): object {
  return {
    adult: false,
    gender: 0,
    id: people.get(name),
    known_for_department: department,
    name,
    original_name: name,
    popularity: 0,
    profile_path: null,
  };
}

/** TMDB's credit ids are 24 hexadecimal digits. */
function creditId(film: TmdbId, place: number): string {
  return film.toString(16).padStart(12, "0") + place.toString(16).padStart(12, "0");
}

function americanRelease({ certification, releaseDate }: SampleFilm): object {
  return {
    certification,
    descriptors: [],
    iso_639_1: "",
    note: "",
    release_date: `${releaseDate}T00:00:00.000Z`,
    // TMDB's type 3: theatrical.
    type: 3,
  };
}
