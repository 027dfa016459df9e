import type { ClientOptions } from "@elastic/elasticsearch";
import type { z } from "zod";
import type { logStoreSettings } from "../../service/backing-settings.ts";
import { MarqueeError } from "../../service/errors.ts";
import type { Database } from "../postgres/database.ts";
import type { LogStore } from "./log-store.ts";
import { createPostgresLogStore } from "./postgres-log-store.ts";

export type LogStoreSettings = Partial<z.infer<z.ZodObject<typeof logStoreSettings>>>;

export interface OpenLogStoreOptions {
  settings: LogStoreSettings;
  /** Keeps the lines where no Elasticsearch is configured. */
  database: Database;
  /** Ends the name of the data stream, `logs-marquee-<namespace>`; "default" unless given. */
  namespace?: string;
}

/**
 * The log store that the settings name. Nothing is asked of it yet.
 * @throws SETTINGS_INVALID where the credentials are not whole
 */
export async function openLogStore({ settings, database, namespace }: OpenLogStoreOptions): Promise<LogStore> {
  const { ELASTICSEARCH_URL: url } = settings;
  if (url === undefined) return createPostgresLogStore({ database });
  const auth = authOf(url, settings);
  // Its client takes a while to load: only who has an Elasticsearch pays for it.
  const { createElasticsearchLogStore } = await import("./elasticsearch-log-store.ts");
  return createElasticsearchLogStore({
    url,
    namespace: namespace ?? "default",
    ...(settings.LOG_RETENTION_DAYS === undefined ? {} : { retentionDays: settings.LOG_RETENTION_DAYS }),
    ...(auth === undefined ? {} : { auth }),
  });
}

function authOf(url: string, settings: LogStoreSettings): ClientOptions["auth"] | undefined {
  const {
    ELASTICSEARCH_API_KEY: apiKey,
    ELASTICSEARCH_USERNAME: username,
    ELASTICSEARCH_PASSWORD: password,
  } = settings;
  if (new URL(url).username !== "") {
    throw invalid(
      "ELASTICSEARCH_URL names a user, and addresses are shown in logs: set ELASTICSEARCH_USERNAME instead.",
    );
  }
  if ((username === undefined) !== (password === undefined)) {
    throw invalid("ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD go together, and one of them is not set.");
  }
  if (apiKey !== undefined && username !== undefined) {
    throw invalid("Accepted is ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME with its password, not both.");
  }
  if (apiKey !== undefined) return { apiKey };
  return username === undefined || password === undefined ? undefined : { username, password };
}

function invalid(message: string): MarqueeError {
  return new MarqueeError("SETTINGS_INVALID", message);
}
