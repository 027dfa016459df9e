import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { Archive } from "../archive/archive.ts";
import { fetchImdb } from "../sources/imdb-fetch.ts";
import type { SourceClients } from "../sources/source-clients.ts";
import { crawlTmdb } from "../sources/tmdb-crawl.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * Brings what is new at TMDB and IMDb into the archive.
 * @returns rowsIn: films listed; rowsOut: films whose details were fetched; detail: listed, fetched, gone, files, bytes
 */
export async function collect(context: TaskContext, sources: SourceClients, archive: Archive): Promise<TaskResult> {
  const { tmdb, imdb, minVotes, identity } = sources;
  const films = await crawlTmdb(context, { tmdb, archive, minVotes, crawl: identity });
  const files = await fetchImdb(context, { imdb, archive });
  return { rowsIn: films.rowsIn, rowsOut: films.rowsOut, detail: { ...films.detail, ...files.detail } };
}
