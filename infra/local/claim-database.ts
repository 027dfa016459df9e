import type { Database } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Profile } from "./profile.ts";

/**
 * Notes in a new database whose films it holds. With DATABASE_URL one database could be given to two profiles.
 * @throws SETTINGS_INVALID when it holds another profile's films: sample and real data must not mix
 */
export async function claimDatabase(database: Database, clock: Clock, { name }: Profile): Promise<void> {
  await database.execute(
    "insert into source_cursors (source, cursor, updated_at) values ('profile', $1, $2) on conflict do nothing",
    [JSON.stringify({ name }), clock.now()],
  );
  const [row] = await database.query<{ name: string }>(
    "select cursor->>'name' as name from source_cursors where source = 'profile'",
  );
  if (row?.name !== name) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      `The database of DATABASE_URL holds the films of the profile ${row?.name}, this start is for ${name}. Give each a database of its own.`,
    );
  }
}
