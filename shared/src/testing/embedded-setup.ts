import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { connectDatabase } from "../backing/postgres/database.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../backing/postgres/embedded-postgres.ts";
import { lockFolder } from "../backing/postgres/folder-lock.ts";
import { migrate } from "../backing/postgres/migrate.ts";
import { createLogger } from "../service/logger.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The superuser's URL of the embedded PostgreSQL that the tests of one run share. */
    embeddedPostgresUrl: string;
  }
}

/** Migrated once; test databases are its clones. */
export const TEMPLATE_DATABASE = "marquee_template";

const FOLDER_PREFIX = "marquee-test-";

/** Starts one embedded PostgreSQL for the run; what it returns stops it and removes its folder. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLogger("test", "warn");
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  const postgres = await startEmbeddedPostgres({ folder, log });
  const stop = async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeTemplate(postgres, log);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("embeddedPostgresUrl", postgres.url);
  return stop;
}

async function makeTemplate(postgres: EmbeddedPostgres, log: ReturnType<typeof createLogger>): Promise<void> {
  const admin = connectDatabase({ url: postgres.url, log });
  await admin.execute(`create database ${TEMPLATE_DATABASE}`);
  const template = connectDatabase({ url: withDatabase(postgres.url, TEMPLATE_DATABASE), log });
  await migrate(template, log);
  await template.close();
  // A template with a connection to it cannot be cloned, so none is let in any more.
  await admin.execute(`alter database ${TEMPLATE_DATABASE} with is_template true allow_connections false`);
  await admin.close();
}

/** Folders of runs that were killed: their servers went with them, and their locks are free. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = join(tmpdir(), name);
    try {
      // A run that has only just made its folder has not locked it yet; its cluster comes after the lock.
      if (!(await readdir(folder)).some((entry) => entry.startsWith("cluster"))) continue;
      lockFolder(folder).release();
      await rm(folder, { recursive: true, force: true });
    } catch {
      // In use by a run beside this one, or another user's.
    }
  }
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = name;
  return changed.href;
}
