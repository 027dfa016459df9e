import type { LogLine } from "../../contracts/log-line.ts";
import { isMarqueeError, MarqueeError } from "../../service/errors.ts";
import type { Database, Queries } from "../postgres/database.ts";
import { storeOrRefuse } from "../postgres/store-or-refuse.ts";
import { type LogQuery, type LogStore, limitOf } from "./log-store.ts";

/** About 100 MB at 500 bytes a line: some days of a product that runs on one machine. */
const DEFAULT_MAX_LINES = 200_000;
/** Lines over the bound, as a share of it, before the oldest go: a sweep per batch would cost more than the batch. */
const SLACK = 0.05;

export interface PostgresLogStoreOptions {
  database: Database;
  /** Lines that are kept, 200,000 unless given; for a time there may be a twentieth more. */
  maxLines?: number;
}

/** Log lines in a table of PostgreSQL, where no Elasticsearch is configured. The database stays the caller's to close. */
export function createPostgresLogStore({ database, maxLines = DEFAULT_MAX_LINES }: PostgresLogStoreOptions): LogStore {
  // What others stored before or store meanwhile is swept with the first batch and theirs.
  let sinceSweep = Number.POSITIVE_INFINITY;

  async function sweep(stored: number): Promise<void> {
    sinceSweep += stored;
    if (sinceSweep <= maxLines * SLACK) return;
    await database.execute(SWEEP, [maxLines]);
    sinceSweep = 0;
  }

  return {
    // Its table comes with the migrations.
    prepare: () => asLogStore(database.ping()),
    store: async (lines) => {
      const refused = await asLogStore(storeOrRefuse(lines, (some) => insert(database, some)));
      await asLogStore(sweep(lines.length));
      return refused;
    },
    find: async (query) => {
      const rows = await asLogStore(database.query<{ line: LogLine }>(FIND, parametersOf(query)));
      return rows.map(({ line }) => line);
    },
    ping: () => asLogStore(database.ping()),
    close: async () => {},
  };
}

async function insert(database: Queries, lines: readonly LogLine[]): Promise<void> {
  await database.execute(INSERT, [JSON.stringify(lines)]);
}

/** A trace id is indexed, and an index takes no long text; a line's words are searched as far as a search takes them. */
const INSERT = `
  insert into log_lines (line_id, logged_at, service, level, trace_id, line)
  select (line ->> 'id')::uuid, (line ->> 'time')::timestamptz, line ->> 'service', line ->> 'level', left(line ->> 'traceId', 200), line
  from jsonb_array_elements($1::jsonb) as lines (line)
  on conflict (line_id) do nothing`;

const SWEEP = `
  delete from log_lines
  where line_id in (select line_id from log_lines order by logged_at desc, line_id desc offset $1)`;

const FIND = `
  select line from log_lines
  where ($1::text is null or trace_id = left($1, 200))
    and ($2::text is null or service = $2)
    and ($3::text is null or level = $3)
    and ($4::text is null or to_tsvector('simple', left(line ->> 'msg', 100000)) @@ plainto_tsquery('simple', $4))
    and ($5::timestamptz is null or logged_at >= $5)
    and ($6::timestamptz is null or logged_at < $6)
  order by logged_at desc, line_id desc
  limit $7`;

function parametersOf(query: LogQuery): unknown[] {
  const { traceId, service, level, text, from, to } = query;
  return [...[traceId, service, level, text, from, to].map((value) => value ?? null), limitOf(query)];
}

/** A database that is away is a log store that is away, whoever asks. */
async function asLogStore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isMarqueeError(error, "DATABASE_UNAVAILABLE")) throw error;
    throw new MarqueeError(
      "LOG_STORE_UNAVAILABLE",
      `The log store in the database cannot be used now. ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
