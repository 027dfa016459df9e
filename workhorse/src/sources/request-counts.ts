import type { Queries } from "@marquee/shared/backing/postgres/database";
import { isMarqueeError } from "@marquee/shared/service/errors";

export type Source = "tmdb" | "imdb";

/** How one request to a source ended: answered, or in which way not. */
export const REQUEST_OUTCOMES = [
  "ok",
  /** 304: the file is still the one that we have. */
  "unchanged",
  "not_found",
  "key_refused",
  "refused",
  "rate_limited",
  "server_error",
  /** The connection was refused, reset or closed before the answer was whole. */
  "reset",
  "timeout",
  /** Fewer or more bytes than the header promised. */
  "wrong_length",
  /** A gzip stream that ends early or is damaged. */
  "truncated",
  /** A page or cut text where JSON is due. */
  "not_json",
  /** JSON that is not of the call's form. */
  "wrong_form",
] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Requests by how they ended, kept in the database: a collection runs in a process that is gone when it is scraped. */
export interface RequestCounts {
  count(source: Source, outcome: RequestOutcome): void;
  /** Of this collection. */
  totals(source: Source): Partial<Record<RequestOutcome, number>>;
  /** Adds what was counted since the last call to `source_requests`; what could not be saved is added by the next call. */
  save(database: Queries): Promise<void>;
}

export function createRequestCounts(): RequestCounts {
  const totals = new Map<string, number>();
  const saved = new Map<string, number>();
  return {
    count: (source, outcome) => {
      const key = `${source} ${outcome}`;
      totals.set(key, (totals.get(key) ?? 0) + 1);
    },
    totals: (source) =>
      Object.fromEntries(
        [...totals]
          .filter(([key]) => key.startsWith(`${source} `))
          .map(([key, requests]) => [key.slice(source.length + 1), requests]),
      ),
    save: async (database) => {
      const rows = [...totals]
        .map(([key, total]) => ({ key, total, requests: total - (saved.get(key) ?? 0) }))
        .filter(({ requests }) => requests > 0);
      if (rows.length === 0) return;
      await database.execute(
        `insert into source_requests as s (source, outcome, requests)
         select split_part(r.key, ' ', 1), split_part(r.key, ' ', 2), r.requests
         from jsonb_to_recordset($1::jsonb) as r(key text, requests bigint)
         on conflict (source, outcome) do update set requests = s.requests + excluded.requests`,
        [JSON.stringify(rows)],
      );
      for (const { key, total } of rows) saved.set(key, total);
    },
  };
}

/** Makes one request and counts how it ended: by what it gives, or by its error's `details.fault`. */
export async function counted<T>(
  counts: RequestCounts,
  source: Source,
  request: () => Promise<T>,
  outcomeOf: (answer: T) => RequestOutcome = () => "ok",
): Promise<T> {
  try {
    const answer = await request();
    counts.count(source, outcomeOf(answer));
    return answer;
  } catch (error) {
    // What is no fault of the source (the task was stopped, our disk is full) is no outcome of a request.
    const fault = isMarqueeError(error) ? error.details.fault : undefined;
    if (isOutcome(fault)) counts.count(source, fault);
    throw error;
  }
}

function isOutcome(fault: unknown): fault is RequestOutcome {
  return (REQUEST_OUTCOMES as readonly unknown[]).includes(fault);
}
