import { loadSettings } from "@marquee/shared/service/env";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { createSeededRandom } from "@marquee/workhorse/training/seeded-random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedData } from "../testing/inputs.ts";
import { enduranceSettings } from "./env.ts";
import { sourceSettings, startSources, type TrialSources } from "./sources.ts";
import { createTrial, type Trial } from "./trial.ts";

const server = serverSetting("DATABASE_URL") ?? "";
const data = recordedData() ?? "";
const { ENDURANCE_SCALE: scale, ENDURANCE_SEED: seed } = loadSettings(enduranceSettings);
const KILLS = scale === "full" ? 10 : 2;
const OWN_FILMS = 700;
const COLLECT = ["collect"];
const LOAD = ["catalog", "load"];

/** What is in the catalog, told apart from what is there twice. */
interface Outcome {
  hash: string;
  films: number;
  ratings: number;
  credits: number;
}

describe.skipIf(server === "" || data === "")("a load that is killed with SIGKILL and begun again", () => {
  const random = createSeededRandom(seed);
  const trials: Trial[] = [];
  /** Kills that met a process at work, and of those the ones that left a part of the work done. */
  const met = { atWork: 0, amid: 0 };
  let sources: TrialSources;
  let undisturbed: Outcome;
  let seconds: { collect: number; load: number };
  const fresh = async () => {
    const trial = await createTrial(server, sourceSettings(sources.address));
    trials.push(trial);
    return trial;
  };
  const finish = async (trial: Trial, words: string[]) => {
    const ended = await trial.marquee(words);
    expect(ended.exit, ended.output).toBe(0);
    return ended.seconds;
  };
  /** Somewhere in the time that the command takes undisturbed. */
  const kill = async (trial: Trial, words: string[], undisturbedSeconds: number, done: string) => {
    const killed = await trial.kill(words, random.next() * undisturbedSeconds * 1_000);
    expect(["SIGKILL", 0], killed.output).toContain(killed.exit);
    if (killed.exit !== "SIGKILL") return;
    met.atWork += 1;
    if ((await trial.count(`pg_tables where tablename = '${done}'`)) > 0 && (await trial.count(done)) > 0)
      met.amid += 1;
  };
  const outcome = async (trial: Trial): Promise<Outcome> => ({
    hash: await trial.hash(),
    films: await trial.count("movies"),
    ratings: await trial.count("imdb_ratings"),
    credits: await trial.count("credits"),
  });
  beforeAll(async () => {
    sources = await startSources(scale === "full" ? data : OWN_FILMS);
    const trial = await fresh();
    seconds = { collect: await finish(trial, COLLECT), load: await finish(trial, LOAD) };
    undisturbed = await outcome(trial);
  });
  afterAll(async () => {
    for (const trial of trials) await trial.remove();
    await sources?.close();
  });

  it.each(Array.from({ length: KILLS }, (_, i) => i + 1))("while it collects ends the same (kill %i)", async () => {
    const trial = await fresh();
    await kill(trial, COLLECT, seconds.collect, "tmdb_listings");
    await finish(trial, COLLECT);
    await finish(trial, LOAD);
    expect(await outcome(trial)).toEqual(undisturbed);
    await finish(trial, ["archive", "verify"]);
  });

  it.each(Array.from({ length: KILLS }, (_, i) => i + 1))("while it loads ends the same (kill %i)", async () => {
    const trial = await fresh();
    await finish(trial, COLLECT);
    await kill(trial, LOAD, seconds.load, "archive_loads");
    await finish(trial, LOAD);
    expect(await outcome(trial)).toEqual(undisturbed);
  });

  it("meets most of them at work, and some with a part of it done", () => {
    expect(met.atWork).toBeGreaterThanOrEqual(KILLS);
    if (scale === "full") expect(met.amid).toBeGreaterThan(KILLS / 2);
  });
});
