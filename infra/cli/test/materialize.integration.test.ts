import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { FILM } from "@marquee/shared/features/entities";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { ALL_VIEWS, RATING_VIEWS_HASH } from "@marquee/shared/features/film-views";
import { hashViews } from "@marquee/shared/features/view-hash";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { startProcess } from "@marquee/shared/testing/marquee-process";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { createRedisProcess, hasRedisServer, type RedisProcess } from "@marquee/shared/testing/redis-process";
import { createOfflineStore } from "@marquee/workhorse/offline-store/create-offline-store";
import { recordDataset } from "@marquee/workhorse/offline-store/dataset-records";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOwnDatabase, type OwnDatabase } from "../../bench/own-database.ts";

const server = serverSetting("DATABASE_URL") ?? "";
const log = createLogger("test", "silent");
const WIDTH = ALL_VIEWS.flatMap(({ columns }) => columns).length;
const METADATA = ALL_VIEWS.find(({ name }) => name === "film_metadata");
const YEARS = [1999, 2009, 2019];

describe.skipIf(server === "" || !hasRedisServer())("features materialize", () => {
  const home = mkdtempSync(join(tmpdir(), "marquee-materialize-"));
  const objects = join(home, "objects");
  let database: OwnDatabase;
  let redis: RedisProcess;
  let settings: Record<string, string>;

  const marquee = async (words: string[], more: Record<string, string> = {}) => {
    const command = startProcess(["infra/cli/main.ts", "features", ...words], { ...settings, ...more });
    return { code: await command.ended(), output: command.output };
  };
  const statuses = async () => {
    const online = openOnlineStore({ url: redis.url, clock: systemClock, log, namespace: "marquee:live" });
    const keys = YEARS.map((year) => METADATA && onlineRowKey(METADATA, year)).filter((key) => key !== undefined);
    return (await online.read(keys).finally(() => online.close())).map(({ status }) => status);
  };

  beforeAll(async () => {
    database = await createOwnDatabase(server, { migrated: true });
    redis = await createRedisProcess();
    await redis.start();
    settings = {
      MARQUEE_HOME: join(home, "home"),
      DATABASE_URL: database.url,
      OBJECT_STORE_URL: pathToFileURL(objects).href,
      REDIS_URL: redis.url,
    };
  });
  afterAll(async () => {
    await redis?.wipe();
    await database?.drop();
    rmSync(home, { recursive: true, force: true });
  });

  /** Films of some years, whose id is their year. */
  async function build(): Promise<void> {
    const objectStore = createFileObjectStore(objects);
    const written = await createOfflineStore({ objectStore, cacheFolder: join(home, "cache") }).write({
      ...{ builtAt: systemClock.now().toISOString(), asOf: "2026-11-21" as CalendarDate, maturityDays: 0 },
      ...{ catalogHash: "catalog", archiveHash: null, viewsHash: RATING_VIEWS_HASH, entity: FILM },
      views: ALL_VIEWS.map((view) => ({
        ...{ name: view.name, version: view.version, hash: hashViews([view]) },
        columns: view.columns.map(({ name, type }) => ({ name, type })),
      })),
      rows: [
        {
          ids: Int32Array.from(YEARS),
          eventTimes: Float64Array.from(YEARS, (year) => Date.UTC(year, 5, 1)),
          values: new Float64Array(YEARS.length * WIDTH).fill(1),
        },
      ],
      online: [[{ view: "film_card@2", entity: "film:1999", value: Buffer.from("{}") }]],
    });
    const connected = connectDatabase({ url: database.url, log, maxConnections: 1 });
    await recordDataset(connected, written).finally(() => connected.close());
  }

  it("says what is missing: a Redis to write to, and features to bring there", async () => {
    expect(await marquee(["materialize"], { REDIS_URL: "" })).toEqual({
      code: 1,
      output: expect.stringContaining("features online lie in the memory of npm start"),
    });
    expect(await marquee(["materialize-incremental"])).toEqual({
      code: 1,
      output: expect.stringMatching(/No features have been built.*\[DATASET_UNKNOWN\]/),
    });
    expect(await marquee(["check-skew"])).toEqual({
      code: 1,
      output: expect.stringMatching(/Nothing could be compared: .*never materialised.*\[CHECKS_FAILED\]/),
    });
  });

  it("brings a range, then the rest, and the second time nothing", async () => {
    await build();
    const range = await marquee([
      "materialize",
      "--from",
      "2009-06-01",
      "--to",
      "2019-06-01",
      "--views",
      "film_metadata",
    ]);
    expect(range).toEqual({ code: 0, output: expect.stringMatching(/film_metadata@\d+ +range +1 +0$/m) });
    expect(await statuses()).toEqual(["missing", "present", "missing"]);
    const values = ALL_VIEWS.length * YEARS.length + 1;
    const rest = await marquee(["materialize-incremental"]);
    expect(rest).toEqual({
      code: 0,
      output: expect.stringContaining(`; ${values} values written, 0 removed, as of 20`),
    });
    expect(await statuses()).toEqual(["present", "present", "present"]);
    const again = await marquee(["materialize-incremental", "--json"]);
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('"rowsOut":0') });
    expect((await marquee(["materialize"])).output).toContain(`; ${values} values written`);
  });

  it("leaves a range of what lies there comparable, finds a damaged value, and replaces it", async () => {
    await marquee(["materialize", "--to", "2010-01-01", "--views", "film_metadata"]);
    expect(await marquee(["check-skew"])).toEqual({
      code: 0,
      output: expect.stringContaining("What lies online is what was built: 3 films"),
    });
    const online = openOnlineStore({ url: redis.url, clock: systemClock, log, namespace: "marquee:live" });
    const key = METADATA && onlineRowKey(METADATA, 1999);
    const damaged = { value: Buffer.alloc(400, "x"), materializedAt: new Date("2100-01-01"), ttlSeconds: 60 };
    await online.write(key ? [{ ...key, ...damaged }] : []).finally(() => online.close());
    expect(await marquee(["check-skew"])).toEqual({ code: 1, output: expect.stringContaining("unreadable online") });
    await marquee(["materialize"]);
    expect(await marquee(["check-skew"])).toMatchObject({ code: 0 });
  });

  it.each([
    [["--views", "film_meta"], 1, /There is no view film_meta to materialise.*film_metadata@\d/],
    [["--from", "2010-01-01", "--to", "2010-01-01"], 2, /--from must be a day before --to/],
    [["--from", "2010"], 2, /YYYY-MM-DD/],
    [["--views", ","], 2, /one name at least/],
  ])("refuses %j", async (words, code, output) => {
    expect(await marquee(["materialize", ...words])).toEqual({ code, output: expect.stringMatching(output) });
  });
});
