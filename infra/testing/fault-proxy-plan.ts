import { crc32 } from "node:zlib";
import { createSeededRandom } from "@marquee/workhorse/training/seeded-random";

/** What a network or a source does wrong; `fault-proxy-answers.ts` says how each looks to the client. */
export const FAULT_KINDS = [
  "rate-limited",
  "reset",
  "truncated-gzip",
  "html",
  "stall",
  "wrong-length",
  "server-error",
  "not-json",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** An answer given in place of the target's, such as a recorded error body. */
export interface PlannedAnswer {
  status: number;
  body: string | Buffer;
  /** JSON unless a content type is given. */
  headers?: Readonly<Record<string, string>>;
}

export type Fault = FaultKind | PlannedAnswer;
/** What is counted: planned answers all under one name. */
export type FaultName = FaultKind | "answer";

export interface PlannedRequest {
  method: string;
  /** Path and query. */
  url: string;
}

/** Chooses for each request; `n` counts this method and address from 1, so that a retry is told from the first try. */
export type FaultChoice = (request: PlannedRequest, n: number) => Fault | undefined;

/** Each kind's share of the requests, from 0 to 1, together at most 1, and how many there may be in all. */
export type FaultChances = Partial<Record<FaultKind, { chance: number; atMost: number }>>;

export interface FaultPlanOptions {
  plan: FaultChoice | FaultChances;
  /** Decides, with a request's address and number, what chances give: the same whatever comes between. */
  seed: number;
  /** So many requests in a row are rate-limited where chances begin it. */
  burst: number;
  /** Faults in a row that one address meets at most; then it gets through. */
  inARow: number;
}

export interface FaultPlan {
  /** The fault for a request; it counts at once. */
  choose(request: PlannedRequest): Fault | undefined;
  /** The chosen fault did not fit the target's answer, which was passed on: it does not count. */
  withdraw(request: PlannedRequest, fault: Fault): void;
  counts(): Record<FaultName, number>;
}

export function createFaultPlan({ plan, seed, burst, inARow }: FaultPlanOptions): FaultPlan {
  const choice = typeof plan === "function" ? plan : chanceChoice(plan, seed);
  const counts = emptyCounts();
  const tries = new Map<string, number>();
  const faultsInARow = new Map<string, number>();
  let limited = 0;

  const isSpent = (fault: Fault): boolean => {
    const name = nameOf(fault);
    return typeof plan === "object" && name !== "answer" && counts[name] >= (plan[name]?.atMost ?? 0);
  };
  const drawn = (request: PlannedRequest, n: number): Fault | undefined => {
    const fault = limited > 0 ? "rate-limited" : choice(request, n);
    return fault === undefined || isSpent(fault) ? undefined : fault;
  };
  return {
    choose: (request) => {
      const key = keyOf(request);
      const n = (tries.get(key) ?? 0) + 1;
      tries.set(key, n);
      const before = faultsInARow.get(key) ?? 0;
      const fault = before < inARow ? drawn(request, n) : undefined;
      if (fault === undefined) {
        faultsInARow.delete(key);
        return undefined;
      }
      if (typeof plan === "object" && fault === "rate-limited") limited = limited > 0 ? limited - 1 : burst - 1;
      faultsInARow.set(key, before + 1);
      counts[nameOf(fault)] += 1;
      return fault;
    },
    withdraw: (request, fault) => {
      counts[nameOf(fault)] -= 1;
      faultsInARow.delete(keyOf(request));
    },
    counts: () => ({ ...counts }),
  };
}

function chanceChoice(chances: FaultChances, seed: number): FaultChoice {
  return (request, n) => {
    let left = createSeededRandom(seed, crc32(keyOf(request)), n).next();
    for (const kind of FAULT_KINDS) {
      left -= chances[kind]?.chance ?? 0;
      if (left < 0) return kind;
    }
    return undefined;
  };
}

function keyOf({ method, url }: PlannedRequest): string {
  return `${method} ${url}`;
}

export function nameOf(fault: Fault): FaultName {
  return typeof fault === "string" ? fault : "answer";
}

function emptyCounts(): Record<FaultName, number> {
  return Object.fromEntries([...FAULT_KINDS, "answer"].map((name) => [name, 0])) as Record<FaultName, number>;
}
