import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_VIEWS, RATING_VIEWS } from "@marquee/shared/features/film-views";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { registerViews } from "@marquee/workhorse/feature-store/view-registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportFeastCommand } from "../features/export-feast-command.ts";
import { describeChange } from "../features/view-change-report.ts";
import { parseViewReference } from "../features/view-reference.ts";
import { describeView } from "../features/view-report.ts";
import { describeViews } from "../features/views-report.ts";

const metadata = ALL_VIEWS.find(({ name }) => name === "film_metadata")!;
const { version } = metadata;
const key = `film_metadata@${version}`;
const next = `film_metadata@${version + 1}`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const at = new Date("2026-11-20T05:00:00Z");
  await registerViews(database, RATING_VIEWS, { at, by: "kim@laptop", release: "1.0.0" });
  await database.execute(
    `insert into feature_views (name, version, hash, definition, registered_at, registered_by, release)
     select name, version + 1, 'later', jsonb_set(definition, '{columns,3,unit}', '"hours"'), '2026-11-21 05:00Z', 'lee@server', '1.1.0'
     from feature_views where name = 'film_metadata'`,
  );
});
afterAll(() => database.close());

describe("features list", () => {
  it("has a line for each view of this release, and names the versions that are registered besides", async () => {
    const { text, rowsOut, detail } = await describeViews(database);
    expect(rowsOut).toBe(ALL_VIEWS.length);
    expect(text).toMatch(
      new RegExp(
        `^${key} +film +${metadata.columns.length} +26 h +workhorse +rating +2026-11-20 +kim@laptop +1\\.0\\.0$`,
        "m",
      ),
    );
    expect(text).toContain(`Registered besides: ${next}`);
    expect(detail.views).toContainEqual(
      expect.objectContaining({
        name: "film_metadata",
        readBy: ["rating"],
        marked: false,
        registered: { at: "2026-11-20T05:00:00.000Z", by: "kim@laptop", release: "1.0.0", sameMeaning: true },
      }),
    );
  });

  it("says which views no model may read, and what is not registered yet", async () => {
    const { text } = await describeViews(database);
    for (const { name } of ALL_VIEWS.filter((view) => !RATING_VIEWS.includes(view)))
      expect(text).toMatch(new RegExp(`^${name}@.+ (no model: known after release|-) +not yet`, "m"));
  });
});

describe("features show", () => {
  it("has the definition, who registered it and its columns as a table", async () => {
    const { text } = await describeView(database, parseViewReference("film_metadata"));
    expect(text.split("\n")[0]).toBe(key);
    expect(text).toContain("  registered: 2026-11-20 05:00 UTC by kim@laptop, release 1.0.0");
    expect(text).toContain(`  versions registered: ${key}, ${next}`);
    expect(text).toMatch(/^runtime_minutes +float64 +minutes +unknown +announced +runtime +Running time$/m);
  });

  it("tells a view of the registry and one that is not registered yet in the same words and order", async () => {
    const headsOf = async (view: string) => {
      const { text } = await describeView(database, parseViewReference(view));
      return [...text.matchAll(/^ {2}([a-z ]+): /gm)].map(([, head]) => head);
    };
    const heads = ["what it says", "entity", "event time", "made from", "fresh for", "owner", "read by", "hash"];
    for (const view of ["film_metadata", next, "film_text"])
      expect(await headsOf(view)).toEqual([...heads, "versions registered", "registered"]);
    const { text } = await describeView(database, parseViewReference(next));
    expect(text).toContain("  fresh for: 26 h\n");
    expect(text).toContain("  entity: film, by tmdb_id. A film of the catalog, by its TMDB id\n");
  });

  it("says in words when a column is known", async () => {
    const { text } = await describeView(database, parseViewReference("competition"));
    expect(text).toMatch(/^competition_films +float64 +log\(1\+n\) +unknown +before release +release /m);
  });

  it("shows a version that this release does not have", async () => {
    const { text } = await describeView(database, parseViewReference(next));
    expect(text).toMatch(/^runtime_minutes +float64 +hours /m);
  });

  it("names the views, or the versions, that there are", async () => {
    await expect(describeView(database, parseViewReference("film_meta"))).rejects.toMatchObject({
      code: "FEATURE_UNKNOWN",
      message: expect.stringMatching(/^There is no feature view film_meta\. There are: .*film_metadata/),
    });
    await expect(describeView(database, parseViewReference("film_metadata@99"))).rejects.toThrow(
      `There is no film_metadata@99. There are: ${key}, ${next}.`,
    );
  });
});

describe("features diff", () => {
  const diff = (from: string, to?: string) =>
    describeChange(database, parseViewReference(from), to === undefined ? undefined : parseViewReference(to));

  it("says what sets two versions of the registry apart", async () => {
    const { text, detail } = await diff(key, next);
    expect(text).toBe(`${key} and ${next} differ:\n  column runtime_minutes: unit was minutes, is hours`);
    expect(detail.differences).toEqual([
      { kind: "column changed", column: "runtime_minutes", field: "unit", before: "minutes", after: "hours" },
    ]);
  });

  it("compares the newest of the registry with this release", async () => {
    expect((await diff("film_metadata")).text).toBe(
      `${next} of the registry and ${key} of this release differ:\n  column runtime_minutes: unit was hours, is minutes`,
    );
    expect((await diff("rating_climate")).text).toMatch(/ of this release mean the same\.$/);
  });

  it("takes two versions of one view alone", async () => {
    await expect(diff("film_metadata", "rating_climate")).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("features export-feast", () => {
  const folder = mkdtempSync(join(tmpdir(), "marquee-feast-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (...args: string[]) => {
    let written = "";
    const write = (text: string) => {
      written += text;
    };
    await exportFeastCommand({ write }).parseAsync(args, { from: "user" });
    return written;
  };

  it("writes the repository, and writes it anew", async () => {
    await run(folder);
    const written = await run(folder, "--url", "https://marquee.example/features/", "--json");
    expect(JSON.parse(written)).toMatchObject({ ok: true, detail: { url: "https://marquee.example/features" } });
    expect(readFileSync(join(folder, "feature_store.yaml"), "utf8")).toContain('"https://marquee.example/features"');
    expect(readFileSync(join(folder, "features.py"), "utf8")).toContain('name="film_metadata"');
  });

  it("into a file says to name another folder, which is its argument", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")])
      await expect(run(path)).rejects.toMatchObject({
        code: "FOLDER_UNUSABLE",
        message: expect.stringMatching(/^Nothing can be written to .*file.* Name another folder\.$/),
      });
  });

  it("leaves a repository of somebody else's as it is", async () => {
    writeFileSync(join(folder, "features.py"), "from feast import Entity\n");
    await expect(run(folder)).rejects.toMatchObject({ code: "FOLDER_UNUSABLE" });
    expect(readFileSync(join(folder, "features.py"), "utf8")).toBe("from feast import Entity\n");
  });
});
