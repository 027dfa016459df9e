import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import { unzipped } from "../archive/hash-stream.ts";
import { daysAfter, type RunningCursor } from "./tmdb-cursor.ts";
import type { Crawl } from "./tmdb-details.ts";
import type { SavedExport } from "./tmdb-export.ts";
import { exportLineSchema } from "./tmdb-lists.ts";
import { wantExported } from "./tmdb-wanted.ts";

/** A day's file is there from eight in the morning (UTC) on, and now and then a day late. */
const DAYS_BACK = 3;
/** Ids that go to PostgreSQL together. */
const IDS_A_CHUNK = 5_000;

/**
 * Takes TMDB's newest daily list of the ids of all films: archived as it came, and compared with what is known in one
 * transaction; a million ids take seconds, so a kill meanwhile only begins this again.
 * @returns undefined where TMDB has no such file of the last days
 */
export async function takeExport(crawl: Crawl, cursor: RunningCursor): Promise<RunningCursor | undefined> {
  const { database } = crawl.context;
  const folder = await mkdtemp(join(tmpdir(), "marquee-tmdb-"));
  const path = join(folder, "movie_ids.json.gz");
  try {
    const newest = await download(crawl, cursor, path);
    if (!newest) return undefined;
    if (newest === "unchanged") {
      const moved = walked(cursor);
      await crawl.save(database, moved);
      return moved;
    }
    const { day, saved } = newest;
    return await database.transaction(async (tx) => {
      const feed = { feed: `movie_ids ${day}`, anew: cursor.collection.anew };
      const { listed, missing } = await wantExported(tx, feed, idsOf(crawl, path, day));
      if (missing > 0) {
        crawl.context.log.warn(
          { day, listed, missing },
          "TMDB's list of ids lacks too many known films to be believed",
        );
      }
      // Read to its end by now, so that what names no film does not come here, and before the commit, so that it is there.
      await crawl.archive.storeFile({
        source: "tmdb",
        name: "movie_ids",
        path,
        observedAt: saved.modified,
        form: "lines",
        cursor: `${day}${saved.etag === undefined ? "" : ` ${saved.etag}`}`,
        rows: saved.lines,
      });
      const moved = { ...walked(cursor), listed, export: { day, etag: saved.etag ?? null } };
      await crawl.save(tx, moved);
      return moved;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function walked(cursor: RunningCursor): RunningCursor {
  return { ...cursor, collection: { ...cursor.collection, list: "walked" } };
}

async function download(
  { tmdb, context }: Crawl,
  cursor: RunningCursor,
  path: string,
): Promise<{ day: CalendarDate; saved: SavedExport } | "unchanged" | undefined> {
  const today = dayOf(context.clock.now());
  const known = cursor.collection.anew ? undefined : (cursor.export ?? undefined);
  for (let back = 0; back <= DAYS_BACK; back++) {
    context.signal.throwIfAborted();
    const day = daysAfter(today, -back);
    // An older list than the last one would only take back what that one said.
    if (known && day < known.day) return "unchanged";
    const saved = await tmdb.downloadExport(day, known?.etag ?? undefined, path);
    if (saved === "unchanged") return saved;
    if (saved !== "absent") return { day, saved };
  }
  context.log.warn({ today }, "TMDB has no list of ids of the last days: discover's pages are walked instead");
  return undefined;
}

/** Lines of one id each; adult films are left out, as discover leaves them out. @throws SOURCE_BODY_INVALID */
async function* idsOf({ context }: Crawl, path: string, day: CalendarDate): AsyncGenerator<string> {
  let ids: number[] = [];
  let read = 0;
  let unreadable = 0;
  const lines = createInterface({ input: unzipped(createReadStream(path)), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line === "") continue;
    const film = parseLine(line);
    if (!film) unreadable += 1;
    else read += 1;
    if (film && !film.adult) ids.push(film.id);
    if (ids.length < IDS_A_CHUNK) continue;
    yield `${ids.join("\n")}\n`;
    ids = [];
  }
  if (ids.length > 0) yield `${ids.join("\n")}\n`;
  if (read <= unreadable) {
    throw new MarqueeError(
      "SOURCE_BODY_INVALID",
      `TMDB's list of ids of ${day} has ${read} lines that name a film and ${unreadable} that do not: it is not used.`,
      { details: { fault: "wrong_form" } },
    );
  }
  if (unreadable > 0) context.log.warn({ day, unreadable }, "TMDB's list of ids has lines that name no film");
}

function parseLine(line: string): { id: number; adult: boolean } | undefined {
  try {
    return exportLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
