import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startProcess } from "@marquee/shared/testing/marquee-process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { writeOwnFilms } from "../../testing/own-films.ts";

const MAIN = join(import.meta.dirname, "../main.ts");
const FILMS = 700;
/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:9";

const root = mkdtempSync(join(tmpdir(), "marquee-commands-"));
const films = join(root, "films");
const home = join(root, "home");

interface Ran {
  code: number;
  out: string;
  err: string;
}

/** `npm run marquee -- …`, with nothing set but what is given. */
async function marquee(words: string, variables: Record<string, string> = {}): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const env = { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, MARQUEE_HOME: home, ...variables };
  execFile(process.execPath, [MAIN, ...words.split(" ")], { env, cwd: root }, (error, out, err) => {
    resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
  });
  return promise;
}

const answerSchema = z.strictObject({
  command: z.string(),
  ok: z.literal(true),
  rowsIn: z.int(),
  rowsOut: z.int(),
  seconds: z.number(),
  detail: z.record(z.string(), z.unknown()),
});

/** What a command with --json answers. */
async function answer(words: string, variables?: Record<string, string>) {
  const ran = await marquee(`${words} --json`, variables);
  expect(ran, words).toMatchObject({ code: 0 });
  return answerSchema.parse(JSON.parse(ran.out));
}

const ofFilms = (words: string) => `${words} --data ${films}`;
const manifests = (folder: string) => globSync(`${folder}/*/objects/archive/manifests/tmdb/*/*`);

beforeAll(() => writeOwnFilms(films, FILMS));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the commands of the data platform, one after the other", () => {
  let hash: unknown;

  it("collect brings films and files into the archive, and says what it did in one line", async () => {
    const { code, out, err } = await marquee(ofFilms("collect"));
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringContaining("[") });
    expect(out).toMatch(/^collect: \d+ in, 700 out, \d+\.\d s; 700 films fetched, \d IMDb files, no faults met$/m);
  });

  it("archive list shows the fetches, newest first, as many as are asked for", async () => {
    const { rowsOut, detail } = await answer(ofFilms("archive list --limit 3"));
    expect(rowsOut).toBe(3);
    const times = z.array(z.object({ fetchedAt: z.string() })).parse(detail.fetches);
    expect(times.map(({ fetchedAt }) => fetchedAt)).toEqual(
      times
        .map((fetch) => fetch.fetchedAt)
        .sort()
        .reverse(),
    );
    expect((await answer(ofFilms("archive list --since 2999-01-01"))).rowsOut).toBe(0);
    const { out } = await marquee(ofFilms("archive list --source imdb"));
    expect(out).toMatch(/^\S+ \S+ +imdb +title\.ratings.* [\d,]+ +[\d,]+ +[0-9a-f]{12}$/m);
  });

  it("catalog load makes rows of it; again, nothing comes in", async () => {
    const { rowsOut, detail } = await answer(ofFilms("catalog load"));
    expect(rowsOut).toBe(FILMS);
    hash = detail.hash;
    const { code, out } = await marquee(ofFilms("catalog load"));
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^catalog load: 0 in, 700 out, .* 700 films, 700 rated by IMDb, 0 quarantined, hash/),
    });
  });

  it("catalog show has the rows of each table and the hash", async () => {
    const { detail } = await answer(ofFilms("catalog show"));
    expect(detail).toMatchObject({ hash, linked: FILMS, deleted: 0, tables: { movies: FILMS, imdb_ratings: FILMS } });
    const { out } = await marquee(ofFilms("catalog show"));
    expect(out).toMatch(/^movies +700$/m);
    expect(out).toMatch(/^title\.ratings +\S+ \S+ +700 +700 +0 +700$/m);
  });

  it("quality show has the checks of each layer, and drift what the fields did", async () => {
    const { rowsOut, detail } = await answer(ofFilms("quality show"));
    expect(rowsOut).toBeGreaterThan(0);
    const { checks } = z.object({ checks: z.array(z.object({ verdict: z.string() })) }).parse(detail);
    expect(checks.filter(({ verdict }) => verdict === "stop")).toEqual([]);
    expect((await marquee(ofFilms("quality drift"))).out).toMatch(/None of the \d+ fields/);
  });

  it("archive verify reads everything back", async () => {
    const { rowsOut } = await answer(ofFilms("archive verify"));
    expect(rowsOut).toBeGreaterThan(3);
  });

  it("catalog rebuild makes the same catalog from the archive alone", async () => {
    const { detail } = await answer(ofFilms("catalog rebuild"));
    expect(detail).toMatchObject({ hash, equal: true });
    expect((await answer(ofFilms("catalog show"))).detail.hash).toBe(hash);
  });

  it("quarantine, conflicts: nothing is wrong with these films", async () => {
    expect((await answer(ofFilms("quarantine list"))).rowsOut).toBe(0);
    expect((await answer(ofFilms("quarantine replay"))).rowsIn).toBe(0);
    expect((await answer(ofFilms("catalog conflicts"))).rowsOut).toBe(0);
  });

  it("archive verify names an object that is damaged and ends with 1", async () => {
    const [victim = ""] = globSync(`${home}/*/objects/archive/objects/*/*.jsonl.gz`);
    const whole = readFileSync(victim);
    writeFileSync(victim, whole.subarray(0, whole.length / 2));
    const { code, out, err } = await marquee(ofFilms("archive verify --json"));
    expect(code).toBe(1);
    expect(err).toContain(victim.slice(victim.indexOf("archive/objects")));
    expect(err).toContain("npm run marquee -- archive verify --repair");
    expect(JSON.parse(out)).toMatchObject({ ok: false, code: "OBJECT_CORRUPT", retriable: false });
    writeFileSync(victim, whole);
  });

  it("archive verify --repair takes out what is damaged, and collect brings it again: the catalog is that of before", async () => {
    expect((await marquee(ofFilms("archive verify --repair"))).out).toMatch(/^archive verify: .* nothing was done$/m);
    for (const object of globSync(`${home}/*/objects/archive/objects/*/*.jsonl.gz`)) writeFileSync(object, "damaged");
    const { code, out } = await marquee(ofFilms("archive verify --repair"));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("To be fetched anew: 700 films of TMDB.") });
    expect(out).toContain("Lost for good: what TMDB said of these films on");
    expect((await answer(ofFilms("collect"))).rowsOut).toBe(FILMS);
    await answer(ofFilms("archive verify"));
    expect((await answer(ofFilms("catalog load"))).detail.hash).toBe(hash);
    expect((await answer(ofFilms("catalog rebuild"))).detail).toMatchObject({ hash, equal: true });
  });
});

describe("two commands at once on one folder", () => {
  it("share the database: the second waits for its turn, and both end well", async () => {
    const shared = { MARQUEE_HOME: join(root, "shared") };
    const [first, second] = await Promise.all([answer(ofFilms("collect"), shared), answer(ofFilms("collect"), shared)]);
    expect([first.rowsOut, second.rowsOut].sort()).toEqual([0, FILMS]);
  });
});

describe("a collection that is stopped with Ctrl-C", () => {
  it("says so with 130, and the next one goes on where it was", async () => {
    const folder = join(root, "stopped");
    const started = startProcess(["infra/cli/main.ts", "collect", "--home", folder, "--data", films]);
    while (manifests(folder).length < 2) await delay(10);
    started.signal("SIGINT");
    expect(await started.ended()).toBe(130);
    expect(started.output).toContain("Stopped, and nothing is lost. Run the same command again.");
    const before = manifests(folder).length;
    const { detail } = await answer(`collect --home ${folder} --data ${films}`);
    const { requests } = z.object({ requests: z.object({ tmdb: z.object({ ok: z.int() }) }) }).parse(detail);
    expect(requests.tmdb.ok).toBeLessThan(FILMS);
    expect(manifests(folder).length).toBeGreaterThan(before);
    expect((await answer(`catalog load --home ${folder} --data ${films}`)).rowsOut).toBe(FILMS);
  });
});

describe("a command that cannot do its work", () => {
  it("ends with 2 where it is called wrongly, and with --json says so as JSON", async () => {
    const { code, out, err } = await marquee("catalog conflicts --kind odd --json");
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("taken, year, ambiguous") });
    expect(JSON.parse(out)).toMatchObject({ ok: false, code: "USAGE", retriable: false });
  });

  it("ends with 75 where the source is away", async () => {
    const away = { TMDB_API_KEY: "k", TMDB_BASE_URL: `${NOWHERE}/3`, IMDB_BASE_URL: NOWHERE, TMDB_EXPORT_URL: NOWHERE };
    const { code, out, err } = await marquee("collect --json", away);
    expect(code).toBe(75);
    expect(JSON.parse(out)).toMatchObject({ ok: false, code: "SOURCE_UNAVAILABLE", retriable: true });
    for (const source of ["TMDB", "IMDb"])
      expect(err).toMatch(new RegExp(`^${source} does not answer \\(.+\\); trying again in 1 s \\(2 of 6\\)\\.$`, "m"));
  });

  it("ends with 75 where the servers are away, and with 1 where settings are wrong: all of them at once", async () => {
    const servers = { DATABASE_URL: "postgres://127.0.0.1:9/marquee", OBJECT_STORE_URL: "file:///tmp/objects" };
    expect((await marquee("catalog show", servers)).code).toBe(75);
    const { code, err } = await marquee("catalog show", { DATABASE_URL: "mysql://x", OBJECT_STORE_URL: "ftp://x" });
    expect(code).toBe(1);
    for (const name of ["DATABASE_URL", "OBJECT_STORE_URL"]) expect(err).toContain(`${name}: accepted is`);
  });
});
