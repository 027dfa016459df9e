import { readFile } from "node:fs/promises";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { systemClock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { createLogger } from "@marquee/shared/service/logger";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { z } from "zod";
import { freePorts } from "../loop/free-ports.ts";
import type { BenchResult } from "./benches.ts";
import { type FeastPeer, startFeastPeer } from "./feast-peer.ts";
import { feastView, writeOnline } from "./feast-views.ts";
import { NAMESPACE } from "./feature-server-process.ts";
import { type Load, loadWithWrk } from "./load-with-wrk.ts";

const log = createLogger("bench", "error", process.stderr);

/** Each side so often, in turns, so that what else the machine does meets both. */
const ROUNDS = 3;
const CONNECTIONS = 64;
const SECONDS = 5;
/** Before the clock starts: both sides compile on the way, and Feast fills its caches. */
const WARM_UP_SECONDS = 2;

const answerSchema = z.object({
  metadata: z.object({ feature_names: z.array(z.string()) }),
  results: z.array(z.object({ values: z.array(z.number().nullable()) })),
});

/** Addresses of `POST /get-online-features`. */
type Servers = Record<"ours" | "peer", string>;
type Question = keyof FeastPeer["questions"];

/**
 * Our feature server beside `feast serve`: the same features from the same Redis server, asked with the same bodies,
 * 20 columns for one entity and for 50.
 * @throws USAGE naming what is missing; INTERNAL where the two do not answer alike, or refuse
 */
export async function benchFeatureServer(print: (line: string) => void): Promise<BenchResult> {
  const peer = await startFeastPeer(print);
  let ours: MarqueeProcess | undefined;
  try {
    print("filling both online stores …");
    await peer.materializeSmall();
    await fillOurs(peer);
    const ports = await freePorts(["ours", "peer"]);
    ours = startProcess(["infra/bench/feature-server-process.ts"], {
      REDIS_URL: peer.redis.url,
      PORT: String(ports.ours),
    });
    await ours.printed(/"msg":"started"/);
    const { address } = await peer.serve(ports.peer);
    const servers = { ours: `http://127.0.0.1:${ports.ours}`, peer: address };
    await compare(servers, peer.questions.fifty);
    return await measure(servers, peer.questions, print);
  } finally {
    ours?.signal("SIGTERM");
    await ours?.ended();
    await peer.stop();
  }
}

async function fillOurs({ redis, rows }: FeastPeer): Promise<void> {
  const onlineStore = openOnlineStore({ url: redis.url, clock: systemClock, log, namespace: NAMESPACE });
  await writeOnline(onlineStore, feastView("v5k"), rows.v5k, systemClock.now()).finally(() => onlineStore.close());
}

/** Both have to answer the same values under the same names; Feast's order of columns is none. */
async function compare(servers: Servers, question: string): Promise<void> {
  const body = await readFile(question, "utf8");
  const answers = await Promise.all(
    [servers.ours, servers.peer].map(async (server) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server}/get-online-features`, { method: "POST", body, headers });
      const { metadata, results } = answerSchema.parse(await answer.json());
      return metadata.feature_names.map((name, i) => [name, ...(results[i]?.values ?? [])].join()).sort();
    }),
  );
  const [ours = [], theirs = []] = answers;
  const differs = ours.find((column, i) => column !== theirs[i]);
  if (ours.length === theirs.length && differs === undefined) return;
  throw new MarqueeError("INTERNAL", `The two servers answer different values: ${differs ?? theirs.at(-1)}`);
}

async function measure(
  servers: Servers,
  questions: FeastPeer["questions"],
  print: (line: string) => void,
): Promise<BenchResult> {
  const ask = (server: string, question: Question, seconds: number) =>
    loadWithWrk({ url: `${server}/get-online-features`, body: questions[question], connections: CONNECTIONS, seconds });
  for (const question of ["one", "fifty"] as const) {
    for (const server of [servers.ours, servers.peer]) await ask(server, question, WARM_UP_SECONDS);
  }
  const loads: Record<keyof Servers, Record<Question, Load[]>> = {
    ours: { one: [], fifty: [] },
    peer: { one: [], fifty: [] },
  };
  for (let round = 1; round <= ROUNDS; round++) {
    for (const question of ["one", "fifty"] as const) {
      const [ours, peer] = [await ask(servers.ours, question, SECONDS), await ask(servers.peer, question, SECONDS)];
      loads.ours[question].push(ours);
      loads.peer[question].push(peer);
      print(`round ${round} of ${ROUNDS}, ${question}: ours ${told(ours)}, feast ${told(peer)}`);
    }
  }
  return resultOf(loads);
}

function resultOf({ ours, peer }: Record<keyof Servers, Record<Question, Load[]>>): BenchResult {
  const of = (loads: readonly Load[], figure: keyof Load) => median(loads.map((load) => load[figure]));
  return {
    name: "feature-server",
    ratio: rounded(of(ours.one, "rate") / of(peer.one, "rate")),
    ratio50: rounded(of(ours.fifty, "rate") / of(peer.fifty, "rate")),
    p99Ms: rounded(of(ours.one, "p99Ms")),
    peerP99Ms: rounded(of(peer.one, "p99Ms")),
    p99Ms50: rounded(of(ours.fifty, "p99Ms")),
    peerP99Ms50: rounded(of(peer.fifty, "p99Ms")),
    rate: rounded(of(ours.one, "rate")),
    peerRate: rounded(of(peer.one, "rate")),
    rate50: rounded(of(ours.fifty, "rate")),
    peerRate50: rounded(of(peer.fifty, "rate")),
  };
}

function told({ rate, p50Ms, p99Ms }: Load): string {
  return `${rate.toFixed(0)}/s (p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms)`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
