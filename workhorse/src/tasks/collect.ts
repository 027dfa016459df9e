import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { errorMessage, isMarqueeError, MarqueeError } from "@marquee/shared/service/errors";
import type { Archive } from "../archive/archive.ts";
import { fetchImdb } from "../sources/imdb-fetch.ts";
import type { RequestCounts, RequestOutcome, Source } from "../sources/request-counts.ts";
import type { SourceClients } from "../sources/source-clients.ts";
import { crawlTmdb, crawlTmdbSince } from "../sources/tmdb-crawl.ts";
import type { TaskContext } from "./task-context.ts";

export interface CollectInput {
  /** One of the sources alone. */
  source?: Source | undefined;
  /** TMDB alone: films that were released or have changed since this day. */
  since?: CalendarDate | undefined;
}

/**
 * Brings what is new at TMDB and IMDb into the archive. Where both are asked for, a failure of TMDB does not keep IMDb's
 * files from coming: the collection fails after them.
 * @returns rowsIn: films listed; rowsOut: films whose details were fetched (of IMDb alone: files, and those that had
 * changed); detail: listed, fetched, gone, unanswered; files, bytes, missing; `requests` by source and outcome
 * @throws TMDB's failure, which names IMDb's where there is one, too; IMDb's
 */
export async function collect(
  context: TaskContext,
  sources: SourceClients,
  archive: Archive,
  { source, since }: CollectInput = {},
): Promise<TaskResult> {
  const { imdb, counts } = sources;
  const before = totalsOf(counts);
  try {
    const imdbFiles =
      source === "tmdb" || since !== undefined ? undefined : () => fetchImdb(context, { imdb, archive });
    const films =
      source === "imdb"
        ? undefined
        : await collectTmdb(context, sources, archive, since).catch(async (error: unknown) => {
            throw await afterTmdbFailed(context, error, imdbFiles);
          });
    const files = await imdbFiles?.();
    const { rowsIn, rowsOut } = films ?? files ?? { rowsIn: 0, rowsOut: 0 };
    const requests = newTotals(before, totalsOf(counts));
    return { rowsIn, rowsOut, detail: { ...films?.detail, ...files?.detail, requests } };
  } finally {
    // Failures are counted too, and most of all where the collection failed by them.
    await counts.save(context.database).catch((error: unknown) => {
      context.log.warn({ err: error }, "could not record how requests to the sources ended");
    });
  }
}

function collectTmdb(
  context: TaskContext,
  { tmdb, minVotes, concurrency, counts, identity }: SourceClients,
  archive: Archive,
  since: CalendarDate | undefined,
): Promise<TaskResult> {
  const options = { tmdb, archive, counts, minVotes, concurrency, crawl: identity };
  return since === undefined ? crawlTmdb(context, options) : crawlTmdbSince(context, options, since);
}

/**
 * Collects from IMDb all the same, where it is asked for and the failure is TMDB's own: that of our disk, archive or
 * database ends the collection, and so does an abort.
 * @returns what the collection fails with
 */
async function afterTmdbFailed(
  { signal, log, onNotice }: TaskContext,
  failure: unknown,
  imdbFiles: (() => Promise<TaskResult>) | undefined,
): Promise<unknown> {
  if (signal.aborted || !isMarqueeError(failure) || !failure.code.startsWith("SOURCE_") || !imdbFiles) return failure;
  // IMDb's files take minutes, and a wrong key is to be seen before.
  onNotice?.(`TMDB failed, and IMDb is collected all the same: ${failure.message}`);
  try {
    const { detail } = await imdbFiles();
    log.warn({ err: failure, ...detail }, "IMDb's files came, not all of TMDB's films did");
    return failure;
  } catch (error) {
    if (signal.aborted) return error;
    const { code, message, cause, details, retryAfterSeconds } = failure;
    const both = `${message.replace(/\.?$/, ".")} IMDb failed, too: ${errorMessage(error)}`;
    return new MarqueeError(code, both, {
      cause,
      details,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}

type Totals = Record<Source, Partial<Record<RequestOutcome, number>>>;

function totalsOf(counts: RequestCounts): Totals {
  return { tmdb: counts.totals("tmdb"), imdb: counts.totals("imdb") };
}

/** The clients may have served other collections before. */
function newTotals(before: Totals, after: Totals): Totals {
  const added = (source: Source): Totals[Source] =>
    Object.fromEntries(
      Object.entries(after[source])
        .map(([outcome, count]) => [outcome, count - (before[source][outcome as RequestOutcome] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  return { tmdb: added("tmdb"), imdb: added("imdb") };
}
