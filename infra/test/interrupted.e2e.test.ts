import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeOwnFilms } from "../testing/own-films.ts";

const root = mkdtempSync(join(tmpdir(), "marquee-interrupted-"));
const films = join(root, "films");
const start = (home: string) =>
  startProcess(["infra/local/main.ts", "--home", join(root, home), "--port", "0", "--data", films]);
const READY = /Marquee answers at/;

/** The catalog's line with its hash, and the model's figures. */
async function outcome(marquee: MarqueeProcess): Promise<{ catalog: string; model: string }> {
  await marquee.printed(READY);
  const catalog = /^ {2}catalog +(.*hash [0-9a-f]{12})/m.exec(marquee.output)?.[1] ?? "";
  const model = /Model version 1, .*\n +Marquee +[\d.]+/.exec(marquee.output)?.[0] ?? "";
  marquee.signal("SIGINT");
  await marquee.ended();
  return { catalog, model };
}

const stepDone = (name: string) => (marquee: MarqueeProcess) =>
  marquee.printed(new RegExp(`^ {2}${name} .*\\d\\.\\d s$`, "m"));

const MOMENTS: { when: string; reached(marquee: MarqueeProcess, home: string): Promise<unknown> }[] = [
  {
    when: "in the middle of the crawl",
    reached: async (_, home) => {
      // Only here, where nothing is ever removed: elsewhere folders vanish while one looks.
      const manifests = () => globSync(`${home}/*/objects/archive/manifests/tmdb/*/*`).length;
      while (manifests() < 4) await delay(10);
    },
  },
  { when: "when the crawl is done", reached: stepDone("collect") },
  { when: "as the catalog begins to load", reached: stepDone("archive") },
  { when: "as training begins", reached: stepDone("features") },
  { when: "between training and registering", reached: stepDone("train") },
];

describe("a first start that is killed", () => {
  let undisturbed: { catalog: string; model: string };

  beforeAll(async () => {
    writeOwnFilms(films, 700);
    undisturbed = await outcome(start("undisturbed"));
    expect(undisturbed.catalog).toMatch(/^700 films, 700 rated by IMDb, 0 quarantined/);
    expect(undisturbed.model).not.toBe("");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("at five moments, one after the other, ends with the catalog and the model of an undisturbed run", async () => {
    for (const { reached } of MOMENTS) {
      const marquee = start("killed");
      await reached(marquee, join(root, "killed"));
      marquee.signal("SIGKILL");
      expect(await marquee.ended()).toBe("SIGKILL");
    }
    expect(await outcome(start("killed"))).toEqual(undisturbed);
  });

  it.each(MOMENTS)("$when goes on where it was", async ({ when, reached }) => {
    const home = when.replaceAll(" ", "-");
    const marquee = start(home);
    await reached(marquee, join(root, home));
    marquee.signal("SIGKILL");
    await marquee.ended();
    expect(await outcome(start(home))).toEqual(undisturbed);
  });
});
