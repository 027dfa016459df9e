import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { parseRedisUrl } from "@marquee/shared/backing/online-store/redis-address";
import { connectDatabase } from "@marquee/shared/backing/postgres/database";
import { findPostgresBinaries } from "@marquee/shared/backing/postgres/postgres-binaries";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import type { DoctorSettings } from "./doctor-settings.ts";
import { ok, type Verdict, wrong } from "./finding.ts";

const MIN_POSTGRES = 15;

export async function checkDatabase({ DATABASE_URL: url }: DoctorSettings): Promise<Verdict> {
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
export async function checkObjectStore(settings: DoctorSettings): Promise<Verdict> {
  const { OBJECT_STORE_URL: url, S3_ENDPOINT: endpoint, AWS_REGION: region } = settings;
  if (url === undefined) return ok("files in the profile's folder");
  const store = await openObjectStore({ url, endpoint, region });
  await store.exists("profile");
  for await (const _object of store.list("profile")) break;
  return ok(`${url}${endpoint === undefined ? "" : ` at ${endpoint}`}`);
}

export async function checkOnlineStore({ REDIS_URL: url }: DoctorSettings): Promise<Verdict> {
  if (url === undefined) return ok("in process");
  const store = openOnlineStore({ url, clock: systemClock, log: createLogger("doctor", "silent") });
  try {
    await store.read([{ view: "doctor", entity: "any" }]);
    const address = parseRedisUrl(url);
    return ok(`Redis${address?.kind === "cluster" ? " Cluster" : ""} at ${address?.where}`);
  } finally {
    await store.close();
  }
}
