import { accessSync, constants, mkdirSync, statfsSync } from "node:fs";
import { resolve } from "node:path";
import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { findPostgresBinaries } from "@marquee/shared/backing/postgres/postgres-binaries";
import { systemClock } from "@marquee/shared/service/clock";
import { loadSettings } from "@marquee/shared/service/env";
import { errorMessage } from "@marquee/shared/service/errors";
import { createLogger, scrub } from "@marquee/shared/service/logger";
import { isLoopback } from "@marquee/shared/service/loopback";
import { createTmdbClient } from "@marquee/workhorse/sources/tmdb-client";
import axios from "axios";
import { z } from "zod";
import { type LocalSettings, localSettings } from "../local/env.ts";

/** Type erasure without flags came with Node 24. */
const MIN_NODE = 24;
const MIN_POSTGRES = 15;
/** The sample needs a tenth of it; a crawl of TMDB's films with 50 votes about all of it. */
const MIN_FREE_BYTES = 2_000_000_000;
const TIMEOUT_MS = 5_000;

export interface Finding {
  name: string;
  /** `note`: nothing is wrong, but it is good to know. */
  state: "ok" | "note" | "wrong";
  text: string;
}

interface DoctorCheck {
  name: string;
  run(): Promise<Omit<Finding, "name">> | Omit<Finding, "name">;
}

const ok = (text: string): Omit<Finding, "name"> => ({ state: "ok", text });
const note = (text: string): Omit<Finding, "name"> => ({ state: "note", text });
const wrong = (text: string): Omit<Finding, "name"> => ({ state: "wrong", text });

/** Every check runs, whatever the others find; one that throws is a finding too. */
export async function runChecks(url: string): Promise<Finding[]> {
  const settings = readSettings();
  const checks: DoctorCheck[] = [
    { name: "Node", run: checkNode },
    {
      name: "settings",
      run: () => ("problem" in settings ? wrong(settings.problem) : ok(`environment ${settings.MARQUEE_ENV}`)),
    },
    ...("problem" in settings ? [] : dependencyChecks(settings)),
    { name: "running product", run: () => checkProduct(url) },
  ];
  return Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        return { name, ...(await run()) };
      } catch (error) {
        return { name, ...wrong(scrub(errorMessage(error))) };
      }
    }),
  );
}

function readSettings(): LocalSettings | { problem: string } {
  try {
    return loadSettings(localSettings);
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

function dependencyChecks(settings: LocalSettings): DoctorCheck[] {
  return [
    { name: "folder", run: () => checkFolder(resolve(settings.MARQUEE_HOME)) },
    { name: "database", run: () => checkDatabase(settings.DATABASE_URL) },
    { name: "object store", run: () => checkObjectStore(settings) },
    { name: "online store", run: () => checkOnlineStore(settings.REDIS_URL) },
    { name: "TMDB", run: () => checkTmdb(settings) },
    { name: "IMDb", run: () => checkImdb(settings) },
  ];
}

function checkNode(): Omit<Finding, "name"> {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= MIN_NODE
    ? ok(process.version)
    : wrong(`${process.version}: run it through npm, which uses the Node ${MIN_NODE} of npm ci.`);
}

function checkFolder(folder: string): Omit<Finding, "name"> {
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK);
  const { bavail, bsize } = statfsSync(folder);
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free in ${folder}`;
  return bavail * bsize < MIN_FREE_BYTES ? note(`only ${free}`) : ok(free);
}

async function checkDatabase(url: string | undefined): Promise<Omit<Finding, "name">> {
  if (url === undefined) {
    const { major } = await findPostgresBinaries();
    return ok(`embedded PostgreSQL ${major}`);
  }
  const database = connectDatabase({ url, log: createLogger("doctor", "silent"), maxConnections: 1 });
  try {
    const [row] = await database.query<{ version: string; can_create: boolean }>(
      "select current_setting('server_version') as version, has_schema_privilege('public', 'create') as can_create",
    );
    if (Number.parseInt(row?.version ?? "0", 10) < MIN_POSTGRES)
      return wrong(`PostgreSQL ${row?.version}: needed is ${MIN_POSTGRES} or newer.`);
    return row?.can_create
      ? ok(`PostgreSQL ${row.version}`)
      : wrong("The user of DATABASE_URL may not create tables in the schema public.");
  } finally {
    await database.close();
  }
}

/** Asks for what is not there: that takes the rights to read and to list. */
async function checkObjectStore({
  OBJECT_STORE_URL: url,
  S3_ENDPOINT: endpoint,
  AWS_REGION: region,
}: LocalSettings): Promise<Omit<Finding, "name">> {
  if (url === undefined) return ok("files in the profile's folder");
  const store = await openObjectStore({ url, endpoint, region });
  await store.exists("profile");
  for await (const _object of store.list("profile")) break;
  return ok(`${url}${endpoint === undefined ? "" : ` at ${endpoint}`}`);
}

async function checkOnlineStore(url: string | undefined): Promise<Omit<Finding, "name">> {
  if (url === undefined) return ok("in process");
  const store = openOnlineStore({ url, clock: systemClock, log: createLogger("doctor", "silent") });
  try {
    await store.read([{ view: "doctor", entity: "any" }]);
    return ok(`Redis at ${new URL(url).host}`);
  } finally {
    await store.close();
  }
}

async function checkTmdb({
  TMDB_API_KEY: apiKey,
  TMDB_BASE_URL: baseUrl,
}: LocalSettings): Promise<Omit<Finding, "name">> {
  if (apiKey === undefined)
    return note("no TMDB_API_KEY: the sample is used (a key is free at https://www.themoviedb.org/settings/api)");
  const client = createTmdbClient({
    baseUrl,
    apiKey,
    requestsPerSecond: 0,
    clock: systemClock,
    log: createLogger("doctor", "silent"),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await client.checkKey();
  return ok(`${new URL(baseUrl).host} accepts the key`);
}

async function checkImdb({
  TMDB_API_KEY: apiKey,
  IMDB_BASE_URL: baseUrl,
}: LocalSettings): Promise<Omit<Finding, "name">> {
  if (apiKey === undefined) return note("not asked while the sample is used");
  const { status } = await axios.head(`${baseUrl}/title.ratings.tsv.gz`, {
    timeout: TIMEOUT_MS,
    validateStatus: () => true,
  });
  return status === 200
    ? ok(`${new URL(baseUrl).host} answers`)
    : wrong(`${baseUrl} answered ${status}: check IMDB_BASE_URL.`);
}

const readySchema = z.object({
  status: z.string(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), problem: z.string().optional() })),
});

async function checkProduct(url: string): Promise<Omit<Finding, "name">> {
  const answer = await axios
    .get<unknown>(`${url}/ready`, {
      timeout: TIMEOUT_MS,
      validateStatus: () => true,
      ...(isLoopback(url) ? { proxy: false } : {}),
    })
    .catch(() => undefined);
  if (!answer) return note(`nothing answers at ${url}: npm start starts it`);
  const ready = readySchema.safeParse(answer.data);
  if (!ready.success)
    return wrong(`${url} is answered by something else: choose another port with --port, or --url here.`);
  const problems = ready.data.checks.filter((check) => !check.ok).map(({ name, problem }) => `${name}: ${problem}`);
  if (problems.length === 0) return ok(`${url} is ${ready.data.status}`);
  return ready.data.status === "degraded"
    ? note(`${url} is degraded: ${problems.join("; ")}`)
    : wrong(`${url} is ${ready.data.status}: ${problems.join("; ")}`);
}
