import type { Queries } from "@marquee/shared/backing/postgres/database";
import { isMarqueeError, type MarqueeError } from "@marquee/shared/service/errors";
import { inParallel } from "@marquee/shared/service/in-parallel";
import type { Archive, ArchivedBody } from "../archive/archive.ts";
import type { TaskContext } from "../tasks/task-context.ts";
import type { RequestCounts } from "./request-counts.ts";
import type { TmdbClient } from "./tmdb-client.ts";
import type { RunningCursor } from "./tmdb-cursor.ts";
import {
  answeredFilm,
  countWanted,
  type FetchedFilms,
  nextWanted,
  noteFetched,
  type WantedFilm,
} from "./tmdb-wanted.ts";

/** Films of one fetch of the archive: at 40 a second two and a half seconds' work, which is what a kill costs. */
export const BATCH_FILMS = 100;
/** Where none was ever answered: so many films in a batch without any answer are no matter of the films. */
const OWN_FAULT_FILMS = 10;
/** Feeds that a fetch's manifest names. */
const NAMED_FEEDS = 3;

/** What the parts of a crawl share. */
export interface Crawl {
  context: TaskContext;
  tmdb: TmdbClient;
  archive: Archive;
  counts: RequestCounts;
  /** Only films with at least so many votes on TMDB; 0: all. */
  minVotes: number;
  /** Requests under way at the same time. */
  concurrency: number;
  /** Notes how far the crawl is. */
  save(database: Queries, cursor: RunningCursor): Promise<void>;
}

/**
 * Fetches wanted films while there are at least `atLeast` of them: a batch is archived whole, then noted together with the
 * cursor, so that a crawl that is killed repeats one batch at most, which changes nothing.
 * A film that TMDB fails to answer, though it answers others, is set aside for the next collection.
 */
export async function fetchWanted(crawl: Crawl, cursor: RunningCursor, atLeast: number): Promise<RunningCursor> {
  const { context, counts } = crawl;
  const { database } = context;
  let at = cursor;
  let after = 0;
  let total: number | undefined;
  for (;;) {
    context.signal.throwIfAborted();
    let films = await nextWanted(database, after, BATCH_FILMS);
    // Lower ids have been passed by where they were not yet wanted.
    if (films.length < BATCH_FILMS && after > 0) films = await nextWanted(database, 0, BATCH_FILMS);
    if (films.length < atLeast) return at;
    total ??= doneOf(at) + (await countWanted(database)).waiting;
    at = await fetchBatch(crawl, at, films);
    after = films.at(-1)?.tmdbId ?? 0;
    await counts.save(database);
    tellProgress(crawl, at, total);
  }
}

async function fetchBatch(crawl: Crawl, cursor: RunningCursor, films: readonly WantedFilm[]): Promise<RunningCursor> {
  const { context, archive, tmdb, concurrency } = crawl;
  // What changes from now on may or may not be in the answers, so that changes of this day count.
  const begunAt = context.clock.now();
  const answers = await inParallel(films, concurrency, async (film) => {
    context.signal.throwIfAborted();
    return { film, answer: await detailsOf(tmdb, film) };
  });
  const bodies: ArchivedBody[] = [];
  const sorted = { fetched: [] as WantedFilm[], gone: [] as WantedFilm[], failed: [] as WantedFilm[] };
  for (const { film, answer } of answers) {
    if ("code" in answer) sorted.failed.push(film);
    else {
      bodies.push(answer);
      (answer.status === undefined ? sorted.fetched : sorted.gone).push(film);
    }
  }
  if (bodies.length > 0) await archive.storeBodies({ source: "tmdb", ...labelOf(films), bodies });
  else
    await blameFilms(
      crawl,
      answers.flatMap(({ answer }) => ("code" in answer ? [answer] : [])),
    );
  return noteBatch(crawl, cursor, sorted, begunAt);
}

async function noteBatch(
  crawl: Crawl,
  cursor: RunningCursor,
  films: FetchedFilms,
  begunAt: Date,
): Promise<RunningCursor> {
  const { database, log } = crawl.context;
  const { collection } = cursor;
  const moved = {
    ...cursor,
    collection: {
      ...collection,
      fetched: collection.fetched + films.fetched.length,
      gone: collection.gone + films.gone.length,
    },
  };
  if (films.failed.length > 0) {
    log.warn({ films: films.failed.map(({ tmdbId }) => tmdbId) }, "TMDB: films without an answer, left for next time");
  }
  await database.transaction(async (tx) => {
    await noteFetched(tx, films, begunAt);
    await crawl.save(tx, moved);
  });
  return moved;
}

async function detailsOf(tmdb: TmdbClient, { tmdbId }: WantedFilm): Promise<ArchivedBody | MarqueeError> {
  try {
    return await tmdb.movie(tmdbId);
  } catch (error) {
    // A question that TMDB refuses for one film is no matter of the others.
    if (isMarqueeError(error) && (error.retriable || error.code === "SOURCE_REFUSED")) return error;
    throw error;
  }
}

/** @throws where the source is to blame, not these films */
async function blameFilms({ tmdb, context }: Crawl, errors: readonly MarqueeError[]): Promise<void> {
  const known = await answeredFilm(context.database);
  if (known !== undefined) {
    await tmdb.movie(known);
    return;
  }
  const [first] = errors;
  if (first && errors.length > OWN_FAULT_FILMS) throw first;
  await tmdb.checkKey();
}

function labelOf(films: readonly WantedFilm[]): { name: string; cursor: string } {
  const ids = [films.at(0), films.at(-1)].map((film) => film?.tmdbId ?? 0);
  const feeds = [...new Set(films.map(({ feed }) => feed))];
  const more = feeds.length > NAMED_FEEDS ? ` and ${feeds.length - NAMED_FEEDS} more` : "";
  return {
    name: `movies-${ids.map((id) => String(id).padStart(8, "0")).join("-")}`,
    cursor: `${feeds.slice(0, NAMED_FEEDS).join(", ")}${more}; ids ${ids.join(" to ")}`,
  };
}

/** Until the list is walked nobody knows how many films are wanted in all; it tells how many are listed. */
function tellProgress({ context }: Crawl, cursor: RunningCursor, total: number): void {
  if (cursor.collection.list !== "walked") return;
  const done = doneOf(cursor);
  context.onProgress({ done, total: Math.max(done, total), unit: "films" });
}

function doneOf({ collection }: RunningCursor): number {
  return collection.fetched + collection.gone;
}
