import { loadSettings } from "@marquee/shared/service/env";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFaultProxy } from "../testing/fault-proxy.ts";
import type { FaultChances } from "../testing/fault-proxy-plan.ts";
import { recordedData } from "../testing/inputs.ts";
import { enduranceSettings } from "./env.ts";
import { sourceSettings, startSources, type TrialSources } from "./sources.ts";
import { createTrial, type Trial } from "./trial.ts";

const server = serverSetting("DATABASE_URL") ?? "";
const data = recordedData() ?? "";
const { ENDURANCE_SCALE: scale, ENDURANCE_SEED: seed } = loadSettings(enduranceSettings);
const full = scale === "full";
const OWN_FILMS = 400;
/** Milliseconds without a byte after which we give up, twice that for the first; the source stalls for longer. */
const SILENCE_MS = full ? 10_000 : 1_000;
const STALL_MS = full ? 30_000 : 2_500;

const often = { chance: 0.02, atMost: full ? 60 : 6 };
const PLAN: FaultChances = {
  "rate-limited": { chance: 0.005, atMost: full ? 30 : 6 },
  reset: often,
  "truncated-gzip": { chance: 0.3, atMost: 3 },
  html: often,
  stall: { chance: 0.005, atMost: full ? 8 : 2 },
  "wrong-length": often,
  "server-error": often,
  "not-json": often,
};

describe.skipIf(server === "" || data === "")("a source that fails in every way", () => {
  const trials: Trial[] = [];
  let sources: TrialSources;
  const fresh = async (address: string) => {
    const trial = await createTrial(server, {
      ...sourceSettings(address),
      SOURCE_SILENCE_MS: String(SILENCE_MS),
    });
    trials.push(trial);
    return trial;
  };
  const finish = async (trial: Trial, words: string[]) => {
    const ended = await trial.marquee(words);
    expect(ended.exit, ended.output).toBe(0);
  };
  beforeAll(async () => {
    sources = await startSources(full ? data : OWN_FILMS);
  });
  afterAll(async () => {
    for (const trial of trials) await trial.remove();
    await sources?.close();
  });

  it("loses nothing, leaves nothing half-written, and has each fault counted", async () => {
    const clean = await fresh(sources.address);
    await finish(clean, ["collect"]);
    await finish(clean, ["catalog", "load"]);

    const proxy = await startFaultProxy({ target: sources.address, plan: PLAN, seed, stallMs: STALL_MS });
    const faulty = await fresh(proxy.url);
    await finish(faulty, ["collect"]);
    await finish(faulty, ["catalog", "load"]);
    const faults = proxy.counts();
    await proxy.close();

    expect(await faulty.hash()).toBe(await clean.hash());
    await finish(faulty, ["archive", "verify"]);
    const rows = await faulty.database.query<{ outcome: string; requests: number }>(
      "select outcome, sum(requests)::integer as requests from source_requests group by outcome",
    );
    const met = (...outcomes: string[]) =>
      rows.filter(({ outcome }) => outcomes.includes(outcome)).reduce((sum, { requests }) => sum + requests, 0);
    for (const kind of Object.keys(PLAN)) expect(faults[kind as keyof FaultChances], kind).toBeGreaterThan(0);
    expect({
      rateLimited: met("rate_limited"),
      serverErrors: met("server_error"),
      timeouts: met("timeout"),
      // A length that is too small makes HTTP end the body there: that answer is told as cut JSON.
      brokenOrUnreadable: met("reset", "wrong_length", "truncated", "not_json"),
    }).toEqual({
      rateLimited: faults["rate-limited"],
      serverErrors: faults["server-error"],
      timeouts: faults.stall,
      brokenOrUnreadable:
        faults.reset + faults["wrong-length"] + faults["truncated-gzip"] + faults.html + faults["not-json"],
    });
    expect(met("not_json")).toBeGreaterThanOrEqual(faults.html + faults["not-json"]);
  });
});
