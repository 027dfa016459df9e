import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import axios from "axios";

/** Longer than serving ever takes; a request without an answer by then has failed, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface LoadOptions {
  /** Where predictions are asked for: `http://127.0.0.1:8000`. */
  address: string;
  /** Asked for one after the other, again and again. */
  tmdbIds: readonly number[];
  /** Requests under way at the same time. */
  concurrency: number;
  /** Pause of each of them between two requests, in milliseconds. */
  pauseMs: number;
}

export interface LoadReport {
  answered: number;
  /** Why, of each request that was not answered with a prediction. */
  failures: string[];
  /** Answers by model version. */
  byVersion: Record<number, number>;
  /** Of each answered request, as its answer's header named it. */
  traceIds: string[];
  /** Milliseconds; of the answered ones. */
  p50: number;
  p99: number;
}

export interface Load {
  /** Resolves once a version answers. */
  answeredBy(version: number): Promise<void>;
  /** Resolves once so many more requests were answered. */
  answersMore(count: number): Promise<void>;
  /** Lets what is under way finish. */
  stop(): Promise<LoadReport>;
}

interface Answer {
  version: number;
  traceId: string;
  milliseconds: number;
}

/** Asks for predictions until it is stopped, and counts every request that was not answered with one. */
export function startLoad({ address, tmdbIds, concurrency, pauseMs }: LoadOptions): Load {
  const http = axios.create({
    baseURL: address,
    timeout: REQUEST_TIMEOUT_MS,
    httpAgent: new Agent({ keepAlive: true, maxSockets: concurrency }),
    proxy: false,
  });
  const stop = new AbortController();
  const answers: Answer[] = [];
  const failures: string[] = [];
  const waiting = new Set<() => void>();
  let next = 0;

  async function ask(): Promise<void> {
    const tmdbId = tmdbIds[next++ % tmdbIds.length];
    const asked = performance.now();
    try {
      const { data, headers } = await http.post<{ model: { version: number } }>("/predict", { movie: { tmdbId } });
      const { version } = data.model;
      answers.push({ version, traceId: String(headers["x-trace-id"]), milliseconds: performance.now() - asked });
      for (const look of waiting) look();
    } catch (error) {
      failures.push(describeFailure(error));
    }
  }
  async function askAgainAndAgain(): Promise<void> {
    while (!stop.signal.aborted) {
      await ask();
      await delay(pauseMs);
    }
  }
  function seen(condition: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (condition()) resolve();
    };
    waiting.add(look);
    look();
    return promise.finally(() => waiting.delete(look));
  }
  const running = Array.from({ length: concurrency }, askAgainAndAgain);
  return {
    answeredBy: (version) => seen(() => answers.at(-1)?.version === version),
    answersMore: (count) => {
      const goal = answers.length + count;
      return seen(() => answers.length >= goal);
    },
    stop: async () => {
      stop.abort();
      await Promise.all(running);
      return report(answers, failures);
    },
  };
}

function report(answers: readonly Answer[], failures: string[]): LoadReport {
  const byVersion: Record<number, number> = {};
  for (const { version } of answers) byVersion[version] = (byVersion[version] ?? 0) + 1;
  const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
  return {
    answered: answers.length,
    failures,
    byVersion,
    traceIds: answers.map(({ traceId }) => traceId),
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}

function describeFailure(error: unknown): string {
  if (!axios.isAxiosError(error)) return String(error);
  return error.response
    ? `${error.response.status} ${JSON.stringify(error.response.data)}`
    : `${error.code} ${error.message}`;
}
