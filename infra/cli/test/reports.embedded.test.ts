import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listConflicts } from "../catalog-report.ts";
import { describeChecks, describeDrift } from "../quality-report.ts";

const FIRST = "00000000-0000-7000-8000-000000000001";
const SECOND = "00000000-0000-7000-8000-000000000002";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.execute(
    `insert into step_runs (run_id, step, status, started_at) values
       ('${FIRST}', 'catalog', 'failed', '2026-11-20 05:00Z'), ('${SECOND}', 'catalog', 'succeeded', '2026-11-21 05:00Z');
     insert into quality_checks (run_id, subject, metric, layer, value, expected, verdict, checked_at) values
       ('${FIRST}', 'movies', 'rows', 'silver', 10, 'at least 3,842 (last 4,803)', 'stop', now()),
       ('${FIRST}', 'title.ratings', 'rows', 'bronze', 775956, 'no earlier run', 'pass', now()),
       ('${FIRST}', 'title.ratings', 'mean averageRating', 'bronze', 6.51234, '6.1 to 6.7 (last 6.9)', 'warn', now()),
       ('${SECOND}', 'movies', 'rows', 'silver', 4803, 'at least 3,842 (last 4,803)', 'pass', now());
     insert into quality_acceptances values ('${FIRST}', 'kim', 'IMDb removed duplicates', now());
     insert into schema_drift values ('tmdb', 'credits.cast[].name', 'null', '3 of 100 are null', now(), '2026-11-21 05:00Z')`,
  );
});
afterAll(() => database.close());

describe("quality show", () => {
  it("has the latest word on each file and table, what is wrong first, and counts what passed", async () => {
    const { text, rowsOut } = await describeChecks(database, { run: undefined, all: false });
    expect(rowsOut).toBe(3);
    expect(text.split("\n").map((line) => line.trim())).toEqual([
      `catalog failed, begun 2026-11-20 05:00 UTC, run ${FIRST}, accepted by kim: IMDb removed duplicates`,
      "0 stop, 1 warn, 1 pass (--all shows them)",
      "verdict  layer   subject        metric              value  expected",
      "warn     bronze  title.ratings  mean averageRating  6.512  6.1 to 6.7 (last 6.9)",
      "",
      `catalog succeeded, begun 2026-11-21 05:00 UTC, run ${SECOND}`,
      "0 stop, 0 warn, 1 pass (--all shows them)",
    ]);
  });

  it("has all of one run, and with --all what passed", async () => {
    const { text } = await describeChecks(database, { run: FIRST, all: true });
    expect([...text.matchAll(/^(stop|warn|pass) .*$/gm)].map(([line]) => line)).toEqual([
      expect.stringMatching(/^stop +silver +movies +rows +10 +at least 3,842/),
      expect.stringMatching(/^warn +bronze/),
      expect.stringMatching(/^pass +bronze +title.ratings +rows +775,956 +no earlier run$/),
    ]);
  });

  it("knows no run that was never checked", async () => {
    const unknown = describeChecks(database, { run: "00000000-0000-7000-8000-000000000009", all: false });
    await expect(unknown).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });
});

it("quality drift names the field, what became of it and when", async () => {
  const { text } = await describeDrift(database);
  expect(text).toMatch(/^2026-11-21 +tmdb +null +credits\.cast\[\]\.name +3 of 100 are null$/m);
});

it("catalog conflicts names both films and the kind", async () => {
  await database.execute(
    `insert into movies (tmdb_id, title, payload_sha256) values (603, 'The Matrix', 'x');
     insert into link_conflicts values (603, 133093, 'taken', 'film 604 has it', 0.93, now(), now())`,
  );
  expect((await listConflicts(database, { kind: "taken", limit: 5 })).text).toMatch(
    /^taken +603 +The Matrix +tt0133093 +0\.93 +film 604 has it$/m,
  );
  expect((await listConflicts(database, { kind: "year", limit: 5 })).rowsOut).toBe(0);
});
