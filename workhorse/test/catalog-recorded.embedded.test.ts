import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { findInput } from "@marquee/shared/testing/inputs";
import { describe, expect, it } from "vitest";
import type { ArchivedBody } from "../src/archive/archive.ts";
import { loadCatalog } from "../src/catalog/load-catalog.ts";
import { openCatalogHarness } from "./catalog-harness.ts";

const recorded = findInput("data/tmdb-api", "the tests of TMDB's recorded bodies");

/** Every recorded body: the 1,187 details, and those of all other calls as if they had come in place of details. */
function recordedBodies(folder: string): ArchivedBody[] {
  const details = gunzipSync(readFileSync(join(folder, "movie-details-1187.jsonl.gz")))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((body, i) => ({ path: `/movie/${i + 1}?`, body }));
  const others = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ path: `/movie/of-${name}?`, body: readFileSync(join(folder, name), "utf8") }));
  return [...details, ...others];
}

describe.skipIf(recorded === undefined)("TMDB's recorded bodies", () => {
  it("are films, or refused for a stated reason", async () => {
    const harness = await openCatalogHarness();
    try {
      const all = recordedBodies(recorded ?? "");
      const details = all.slice(0, 1_187);
      await harness.archive.storeBodies({ source: "tmdb", name: "details", bodies: details });
      expect((await loadCatalog(harness.context, harness.archive)).detail).toMatchObject({
        tmdb: { films: 1_187, refused: 0 },
        films: new Set(details.map(({ body }) => JSON.parse(body).id)).size,
      });
      await harness.archive.storeBodies({ source: "tmdb", name: "others", bodies: all.slice(1_187) });
      const { detail } = await loadCatalog(harness.context, harness.archive);
      const tmdb = detail.tmdb as { films: number; refused: number };
      expect(tmdb.films + tmdb.refused).toBe(all.length - 1_187);
      const reasons = await harness.database.query<{ reason: string; status: number; unsaid: number }>(
        `select reason, count(*) filter (where source_id like '%status/%')::integer as status,
                count(*) filter (where detail = '' or payload is null)::integer as unsaid
         from quarantine group by reason order by reason`,
      );
      expect(reasons.map(({ reason }) => reason)).toEqual(["error_body", "schema"]);
      // Some of TMDB's status bodies tell of success: no errors, and no films.
      const statuses = all.filter(({ path }) => path.includes("status/"));
      const errors = statuses.filter(({ body }) => JSON.parse(body).success !== true);
      expect(reasons).toMatchObject([{ status: errors.length, unsaid: 0 }, { unsaid: 0 }]);
    } finally {
      await harness.close();
    }
  });
});
