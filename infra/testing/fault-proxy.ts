import { once } from "node:events";
import { Agent, request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { deliver, writeHead } from "./fault-proxy-answers.ts";
import {
  createFaultPlan,
  type FaultChances,
  type FaultChoice,
  type FaultName,
  nameOf,
  type PlannedRequest,
} from "./fault-proxy-plan.ts";

export interface FaultProxyOptions {
  /** Where everything goes: an origin such as `http://127.0.0.1:8090`. */
  target: string;
  plan: FaultChoice | FaultChances;
  /** Of chances (1). */
  seed?: number;
  /** Requests in a row that are rate-limited where chances begin it (3). */
  burst?: number;
  /** Faults in a row that one address meets at most, before it gets through (2). */
  inARow?: number;
  /** What 429 says in Retry-After (1). */
  retryAfterSeconds?: number;
  /** How long a stall lasts (2,000). */
  stallMs?: number;
}

export interface FaultProxy {
  /** The proxy's origin, to be put in the target's place. */
  readonly url: string;
  /** Faults that were delivered. */
  counts(): Record<FaultName, number>;
  /** Requests that came, with a fault or without. */
  requests(): number;
  close(): Promise<void>;
}

/**
 * Stands between a client and a server on 127.0.0.1 and does what networks and sources do wrong, by plan; everything
 * else it hands on byte for byte, as a stream. A target that cannot be reached shows as a reset connection.
 */
export async function startFaultProxy({
  target,
  plan,
  seed = 1,
  burst = 3,
  inARow = 2,
  retryAfterSeconds = 1,
  stallMs = 2000,
}: FaultProxyOptions): Promise<FaultProxy> {
  const faults = createFaultPlan({ plan, seed, burst, inARow });
  const agent = new Agent({ keepAlive: true });
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    void handle(request, response).catch(() => response.socket?.resetAndDestroy());
  });
  // A connection that the proxy closes on its own account would be a fault that nobody planned.
  server.keepAliveTimeout = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const planned: PlannedRequest = { method: request.method ?? "GET", url: request.url ?? "/" };
    const fault = faults.choose(planned);
    const askTarget = () => forward(request, { target, agent });
    const passOn = (answer: IncomingMessage) => passAnswer(answer, response);
    if (fault === undefined) return passOn(await askTarget());
    const before = faults.counts()[nameOf(fault)] - 1;
    const exchange = { request, response, ask: askTarget, passOn, retryAfterSeconds, stallMs, before };
    if (!(await deliver(fault, exchange))) faults.withdraw(planned, fault);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: faults.counts,
    requests: () => requests,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

async function forward(
  request: IncomingMessage,
  { target, agent }: { target: string; agent: Agent },
): Promise<IncomingMessage> {
  const { method, url, rawHeaders: headers } = request;
  const onward = ask(new URL(url ?? "/", target), { method, headers, agent });
  // What comes after the answer began is told by the answer.
  onward.on("error", () => undefined);
  const answered = once(onward, "response") as Promise<[IncomingMessage]>;
  request.pipe(onward);
  // A client that leaves takes its question along.
  request.once("close", () => {
    if (!request.complete) onward.destroy();
  });
  return (await answered)[0];
}

async function passAnswer(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  writeHead(response, answer, answer.rawHeaders);
  await pipeline(answer, response);
}
