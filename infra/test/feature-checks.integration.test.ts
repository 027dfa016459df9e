import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@marquee/shared/backing/postgres/embedded-postgres";
import { migrate } from "@marquee/shared/backing/postgres/migrate";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeatureChain, openFeatureChain } from "../testing/feature-chain.ts";

const log = createLogger("test", "silent");
const redisUrl = serverSetting("REDIS_URL");

describe.skipIf(redisUrl === undefined)("features in a real Redis", () => {
  const online = openOnlineStore({
    url: redisUrl ?? "redis://localhost",
    clock: systemClock,
    log,
    namespace: `marquee-test:${randomBytes(6).toString("hex")}`,
  });
  const root = mkdtempSync(join(tmpdir(), "marquee-feature-checks-"));
  let postgres: EmbeddedPostgres;
  let database: Database;
  let chain: FeatureChain;
  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ folder: join(root, "postgres"), log });
    database = connectDatabase({ url: postgres.url, log });
    await migrate(database, log);
    chain = await openFeatureChain({ database, online, clock: systemClock, folder: undefined });
  });
  afterAll(async () => {
    await chain?.close();
    for (const view of (await online.watermarks()).keys()) await online.drop(view);
    await online.close();
    await database?.close();
    await postgres?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it("are those in Parquet for 1,000 films, and are computed so on demand, to the bit", async () => {
    const { rowsIn, detail } = await chain.run("check-skew", { films: 1_000 });
    expect(rowsIn).toBe(1_000);
    expect(detail).toMatchObject({ onDemand: 1_000, unchecked: [], findings: [] });
  });

  it("are found out where one is a bit beside", async () => {
    const [view] = ALL_VIEWS as readonly [FeatureView];
    const [film] = await database.query<{ tmdb_id: number }>("select max(tmdb_id) as tmdb_id from feature_movies");
    const key = onlineRowKey(view, film?.tmdb_id ?? 0);
    const [read] = await online.read([key]);
    const value = Uint8Array.from(read?.status === "present" ? read.value : []);
    value[8] = (value[8] ?? 0) ^ 1;
    await online.write([{ ...key, value, materializedAt: systemClock.now(), ttlSeconds: 3_600 }]);
    const { detail } = await chain.run("check-skew", { films: 10_000 });
    expect(detail.findings).toMatchObject([
      { view: viewKey(view), column: view.columns[0]?.name, films: 1, example: { tmdbId: film?.tmdb_id } },
    ]);
  });
});
