import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { findInput } from "@marquee/shared/testing/inputs";
import { createTestDatabase } from "@marquee/shared/testing/test-database";
import { createArchive } from "@marquee/workhorse/archive/archive";
import { loadCatalog } from "@marquee/workhorse/catalog/load-catalog";
import type { TaskContext } from "@marquee/workhorse/tasks/task-context";
import { describe, expect, it } from "vitest";
import type { FilmSet } from "../sandbox/film-set.ts";
import { readCsv } from "../sandbox/read-csv.ts";
import { loadRecordedFilms } from "../sandbox/recorded-films.ts";

const log = createLogger("test", "silent");
const data = findInput("data/imdb/2010-2019.title.basics.csv.gz", "the tests of how well films and titles are linked");
const folder = join(data ?? "", "../..");

interface Title {
  primary: string;
  original: string;
  year: string;
  directors: string[];
}

/** IMDb's films of 2010 to 2019. */
async function readTitles(): Promise<Map<string, Title>> {
  const directors = new Map<string, string[]>();
  const crew = readCsv(join(folder, "imdb/2010-2019.title.crew.csv.gz"), ["tconst", "directors"]);
  for await (const { row } of crew) directors.set(row.tconst ?? "", (row.directors ?? "").split(",").filter(Boolean));
  const titles = new Map<string, Title>();
  const basics = readCsv(join(folder, "imdb/2010-2019.title.basics.csv.gz"), ["tconst", "primary_title"]);
  for await (const { row } of basics) {
    const { tconst = "", primary_title: primary = "", original_title: original = "", start_year: year = "" } = row;
    titles.set(tconst, { primary, original, year, directors: directors.get(tconst) ?? [] });
  }
  return titles;
}

interface TruthFilm {
  body: Record<string, unknown>;
  imdbId: string;
  directors: string[];
}

/** The films whose title is among these. */
function filmsOf(set: FilmSet, titles: ReadonlyMap<string, Title>): TruthFilm[] {
  return set.inOrder({ field: "popularity", direction: "desc" }).flatMap((film) => {
    if (film.imdbId === undefined || !titles.has(film.imdbId)) return [];
    const credits = JSON.parse(film.parts.credits.toString()) as { crew: { job: string; name: string }[] };
    const body = { ...JSON.parse(film.details.toString()), imdb_id: null, credits };
    const directors = credits.crew.filter(({ job }) => job === "Director").map(({ name }) => name);
    return [{ body, imdbId: film.imdbId, directors }];
  });
}

/**
 * Names by IMDb's number, of those who have directed two or more of the films alone. IMDb's own file names everybody, so
 * that what is measured with these is less than it would be.
 */
function knownNames(films: readonly TruthFilm[], titles: ReadonlyMap<string, Title>): Map<string, string> {
  const names = new Map<string, string[]>();
  for (const {
    imdbId,
    directors: [name, ...others],
  } of films) {
    const [id, ...more] = titles.get(imdbId)?.directors ?? [];
    if (id !== undefined && name !== undefined && others.length === 0 && more.length === 0)
      names.set(id, [...(names.get(id) ?? []), name]);
  }
  return new Map(
    [...names].flatMap(([id, [first, ...rest]]) => (first !== undefined && rest.length > 0 ? [[id, first]] : [])),
  );
}

describe.skipIf(data === undefined)("films whose IMDb ids are hidden", () => {
  it("are linked to the right title, or to none", async () => {
    const titles = await readTitles();
    const films = filmsOf(await loadRecordedFilms(folder, log), titles);
    const root = mkdtempSync(join(tmpdir(), "marquee-links-"));
    const database = await createTestDatabase();
    try {
      const clock = fixedClock("2020-01-01T12:00:00Z");
      const objectStore = createFileObjectStore(root);
      const archive = createArchive(objectStore, clock);
      const { signal } = new AbortController();
      const context: TaskContext = { database, objectStore, clock, log, signal, onProgress: () => undefined };
      const bodies = films.map(({ body }) => ({ path: `/movie/${body.id}?`, body: JSON.stringify(body) }));
      await archive.storeBodies({ source: "tmdb", name: "films", bodies });
      const store = async (name: string, header: string, lines: string[]) => {
        const path = join(root, "file.gz");
        writeFileSync(path, gzipSync(`${[header, ...lines].join("\n")}\n`));
        await archive.storeFile({ source: "imdb", name, path, observedAt: clock.now() });
      };
      await store(
        "title.basics",
        "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres",
        [...titles].map(
          ([id, { primary, original, year }]) => `${id}\tmovie\t${primary}\t${original}\t0\t${year}\t\\N\t\\N\t\\N`,
        ),
      );
      const measure = async () => {
        await loadCatalog(context, archive);
        const links = await database.query<{ tmdb_id: number; imdb_id: string }>(
          "select tmdb_id, imdb_id from movies where imdb_id is not null",
        );
        const truth = new Map(films.map(({ body, imdbId }) => [body.id, imdbId]));
        const right = links.filter((link) => truth.get(link.tmdb_id) === link.imdb_id).length;
        return { precision: right / links.length, recall: right / films.length };
      };
      const byTitleAlone = await measure();
      expect(byTitleAlone.precision).toBeGreaterThan(0.995);
      expect(byTitleAlone.recall).toBeGreaterThan(0.85);

      await store(
        "title.crew",
        "tconst\tdirectors\twriters",
        [...titles].map(([id, { directors }]) => `${id}\t${directors.join(",") || "\\N"}\t\\N`),
      );
      await store(
        "name.basics",
        "nconst\tprimaryName\tbirthYear\tdeathYear\tprimaryProfession\tknownForTitles",
        [...knownNames(films, titles)].map(([id, name]) => `${id}\t${name}\t\\N\t\\N\tdirector\t\\N`),
      );
      const withDirectors = await measure();
      expect(withDirectors.precision).toBeGreaterThan(0.995);
      expect(withDirectors.recall).toBeGreaterThan(byTitleAlone.recall + 0.01);
    } finally {
      await database.close();
      rmSync(root, { recursive: true, force: true });
    }
  });
});
