import type { TaskResult } from "@marquee/shared/contracts/tasks";
import type { CalendarDate } from "@marquee/shared/contracts/time";
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
 * Brings what is new at TMDB and IMDb into the archive.
 * @returns rowsIn: films listed; rowsOut: films whose details were fetched (of IMDb alone: files, and those that had
 * changed); detail: listed, fetched, gone, unanswered; files, bytes, missing; `requests` by source and outcome
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
    const films = source === "imdb" ? undefined : await collectTmdb(context, sources, archive, since);
    const files = source === "tmdb" || since !== undefined ? undefined : await fetchImdb(context, { imdb, archive });
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
