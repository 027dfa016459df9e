import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import type { Clock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { type Archive, type ArchivedBody, createArchive } from "../src/archive/archive.ts";
import type { ImdbFile } from "../src/sources/imdb-client.ts";
import type { TaskContext } from "../src/tasks/task-context.ts";

/** A clock that a test moves. */
interface TestClock extends Clock {
  set(time: string): void;
}

function movableClock(start: string): TestClock {
  let now = new Date(start);
  return {
    now: () => now,
    set: (time) => {
      now = new Date(time);
    },
  };
}

export interface FilmOptions {
  id: number;
  date: string;
  director?: number;
  [field: string]: unknown;
}

/** IMDb's id of the film with this id. */
export const imdbId = (id: number) => `tt${String(1_000_000 + id)}`;

/** A body of TMDB's details with a director, an actor and a studio. */
export const film = ({ id, date, director = 1, ...fields }: FilmOptions) => ({
  id,
  imdb_id: imdbId(id),
  title: `Film ${id}`,
  release_date: date,
  runtime: 100,
  budget: 5_000_000,
  original_language: "en",
  genres: [{ id: 18, name: "Drama" }],
  production_companies: [{ id: 9, name: "Studio" }],
  vote_average: 7.1,
  vote_count: 12,
  credits: {
    cast: [{ id: 50, name: "Ann Actor", credit_id: `a${id}`, order: 0 }],
    crew: [
      { id: director, name: `Director ${director}`, credit_id: `d${id}`, department: "Directing", job: "Director" },
    ],
  },
  ...fields,
});

export const bodies = (...films: { id: number }[]): ArchivedBody[] =>
  films.map((body) => ({ path: `/movie/${body.id}?append_to_response=credits`, body: JSON.stringify(body) }));

/** TMDB's answer about a film that it has deleted. */
export const tombstone = (id: number): ArchivedBody => ({
  path: `/movie/${id}?append_to_response=credits`,
  status: 404,
  body: JSON.stringify({ success: false, status_code: 34, status_message: "The resource could not be found." }),
});

/** The header lines of IMDb's files. */
const HEADERS = {
  "title.ratings": "tconst\taverageRating\tnumVotes",
  "title.basics": "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres",
  "title.crew": "tconst\tdirectors\twriters",
  "title.akas": "titleId\tordering\ttitle\tregion\tlanguage\ttypes\tattributes\tisOriginalTitle",
  "name.basics": "nconst\tprimaryName\tbirthYear\tdeathYear\tprimaryProfession\tknownForTitles",
} as const satisfies Partial<Record<ImdbFile, string>>;
type TestFile = keyof typeof HEADERS;

/** An empty catalog and an empty archive. */
export interface CatalogHarness {
  database: TestDatabase;
  folder: string;
  archive: Archive;
  context: TaskContext;
  clock: TestClock;
  storeFilms(name: string, ...films: (FilmOptions | ArchivedBody)[]): Promise<void>;
  /** @param day of the file, 2019-12-30 unless given */
  storeFile(name: TestFile, lines: readonly string[], day?: string): Promise<void>;
  ratings(...rows: [id: number, rating: string, votes: string][]): Promise<void>;
  basics(...rows: [id: number, year: string, title?: string][]): Promise<void>;
  close(): Promise<void>;
}

export async function openCatalogHarness(): Promise<CatalogHarness> {
  const clock = movableClock("2020-01-01T12:00:00Z");
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "marquee-catalog-"));
  const objectStore = createFileObjectStore(join(folder, "objects"));
  const archive = createArchive(objectStore, clock);
  const storeFile = async (name: TestFile, lines: readonly string[], day = "2019-12-30") => {
    const path = join(folder, "download.gz");
    writeFileSync(path, gzipSync(`${[HEADERS[name], ...lines].join("\n")}\n`));
    await archive.storeFile({ source: "imdb", name, path, observedAt: new Date(day) });
  };
  return {
    ...{ database, folder, archive, clock, storeFile },
    context: {
      ...{ database, objectStore, clock },
      log: createLogger("test", "silent"),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
    storeFilms: async (name, ...films) => {
      await archive.storeBodies({
        source: "tmdb",
        name,
        bodies: films.flatMap((one) => ("path" in one ? [one as ArchivedBody] : bodies(film(one as FilmOptions)))),
      });
    },
    ratings: (...rows) =>
      storeFile(
        "title.ratings",
        rows.map(([id, rating, votes]) => `${imdbId(id)}\t${rating}\t${votes}`),
      ),
    basics: (...rows) =>
      storeFile(
        "title.basics",
        rows.map(
          ([id, year, title = `Film ${id}`]) => `${imdbId(id)}\tmovie\t${title}\tF\t0\t${year}\t\\N\t\\N\tDrama`,
        ),
      ),
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
