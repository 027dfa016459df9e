import type { Queries } from "@marquee/shared/backing/postgres/database";
import type { Clock } from "@marquee/shared/service/clock";
import type { z } from "zod";

/** Where a crawl stands; kept in the database so that a killed one goes on. */
export async function loadCursor<Schema extends z.ZodType>(
  database: Queries,
  source: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const [row] = await database.query<{ cursor: unknown }>("select cursor from source_cursors where source = $1", [
    source,
  ]);
  return row && schema.parse(row.cursor);
}

export async function saveCursor(database: Queries, clock: Clock, source: string, cursor: unknown): Promise<void> {
  await database.execute(
    `insert into source_cursors (source, cursor, updated_at) values ($1, $2, $3)
     on conflict (source) do update set cursor = excluded.cursor, updated_at = excluded.updated_at`,
    [source, JSON.stringify(cursor), clock.now()],
  );
}
