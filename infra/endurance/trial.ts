import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { loadSettings } from "@marquee/shared/service/env";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { catalogHash } from "@marquee/workhorse/catalog/catalog-hash";
import { z } from "zod";
import { objectStoreVariables } from "./env.ts";

const log = createLogger("test", "silent");

interface ObjectSettings extends Record<string, string | undefined> {
  OBJECT_STORE_URL: string;
}

/** What a command prints with --json. */
const answerSchema = z.looseObject({
  ok: z.boolean(),
  rowsIn: z.number().optional(),
  rowsOut: z.number().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type Answer = z.infer<typeof answerSchema>;

export interface Ended {
  /** Exit code, or the signal's name. */
  exit: number | string;
  /** undefined where the command printed none: it was killed. */
  answer: Answer | undefined;
  output: string;
  seconds: number;
}

/** A database and an archive of their own, and the command line that works on them. */
export interface Trial {
  database: Database;
  start(words: readonly string[], settings?: Record<string, string>): MarqueeProcess;
  /** Runs a command to its end. */
  marquee(words: readonly string[], settings?: Record<string, string>): Promise<Ended>;
  /** Starts a command and ends it with SIGKILL so long after its start, unless it has ended by then. */
  kill(words: readonly string[], afterMs: number): Promise<Ended>;
  hash(): Promise<string>;
  count(table: string): Promise<number>;
  remove(): Promise<void>;
}

/**
 * @param server a database server's URL, on which a database is made
 * @param settings for the commands beside the database and the object store
 */
export async function createTrial(server: string, settings: Record<string, string>): Promise<Trial> {
  const name = `endurance_${randomBytes(6).toString("hex")}`;
  const admin = connectDatabase({ url: server, log, maxConnections: 1 });
  await admin.execute(`create database ${name}`);
  const url = withDatabase(server, name);
  const database = connectDatabase({ url, log });
  const home = mkdtempSync(join(tmpdir(), "marquee-endurance-"));
  const objects = objectSettings(name, home);
  const own = { ...settings, ...objects, DATABASE_URL: url, MARQUEE_HOME: home };
  const start: Trial["start"] = (words, more = {}) =>
    startProcess(["infra/cli/main.ts", ...words, "--json"], { ...own, ...more });
  return {
    database,
    start,
    marquee: (words, more) => ended(start(words, more)),
    kill: (words, afterMs) => {
      const process = start(words);
      const timer = setTimeout(() => process.signal("SIGKILL"), afterMs);
      return ended(process).finally(() => clearTimeout(timer));
    },
    hash: () => catalogHash(database),
    count: async (table) => {
      const [row] = await database.query<{ rows: number }>(`select count(*)::integer as rows from ${table}`);
      return row?.rows ?? 0;
    },
    remove: async () => {
      await database.close();
      await admin.execute(`drop database if exists ${name} with (force)`);
      await admin.close();
      await removeObjects(objects);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A part of the S3 server where one is named, else a folder. */
function objectSettings(name: string, home: string): ObjectSettings {
  const { OBJECT_STORE_URL: url, ...s3 } = loadSettings(objectStoreVariables);
  if (url === undefined) return { OBJECT_STORE_URL: pathToFileURL(join(home, "objects")).href };
  const given = Object.entries(s3).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(given), OBJECT_STORE_URL: `${url}/${name}` };
}

async function removeObjects({ OBJECT_STORE_URL: url, S3_ENDPOINT: endpoint, AWS_REGION: region }: ObjectSettings) {
  const store = await openObjectStore({ url, endpoint, region });
  for await (const { key } of store.list("")) await store.remove(key);
}

async function ended(process: MarqueeProcess): Promise<Ended> {
  const began = performance.now();
  const exit = await process.ended();
  const line = process.output.split("\n").findLast((text) => text.startsWith('{"'));
  return {
    exit,
    answer: line === undefined ? undefined : answerSchema.parse(JSON.parse(line)),
    output: process.output,
    seconds: (performance.now() - began) / 1000,
  };
}
