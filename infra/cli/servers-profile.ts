import type { Database } from "@marquee/shared/backing/postgres/database";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { LocalOptions } from "../local/options.ts";
import type { Profile } from "../local/profile.ts";

/** Of the real sources; what workers load is never noted as anybody's. */
const LIVE = "live";

/**
 * Whose films the servers hold: what `npm start` noted there, else the real sources'. Unlike `npm start`, a command needs
 * no TMDB_API_KEY to look at them, so that the key is no sign that the sample is meant.
 * @param chosen what `npm start` would take these settings for
 * @throws SETTINGS_INVALID where --data or the key say that other films are meant
 */
export async function serversProfile(
  database: Database,
  { TMDB_API_KEY: key, dataFolder }: LocalOptions,
  chosen: Profile,
): Promise<Profile> {
  const [row] = await database.query<{ name: string }>(
    "select cursor->>'name' as name from source_cursors where source = 'profile'",
  );
  const name = row?.name ?? (dataFolder !== undefined && (await isUnused(database)) ? chosen.name : LIVE);
  if (name === chosen.name) return chosen;
  if (key === undefined && dataFolder === undefined && name === LIVE) {
    return { name, folder: chosen.folder, sandbox: undefined };
  }
  throw new MarqueeError(
    "SETTINGS_INVALID",
    `The database of DATABASE_URL holds the films of the profile ${name}, these settings are for ${chosen.name}. Give the TMDB_API_KEY and --data of that profile, or name another database.`,
  );
}

async function isUnused(database: Database): Promise<boolean> {
  const [row] = await database.query<{ unused: boolean }>(
    "select not exists (select from step_runs) and not exists (select from movies) as unused",
  );
  return row?.unused === true;
}
