import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { isMarqueeError, MarqueeError } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { explainDatabaseError, serverOf } from "./database-errors.ts";
import { valueParsers } from "./value-parsers.ts";

const DEFAULT_MAX_CONNECTIONS = 10;
/** Waiting longer for a connection helps nobody, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A readiness check that hangs is one that failed, in milliseconds. */
const PING_TIMEOUT_MS = 3_000;

/**
 * What runs SQL, in a transaction or outside. `date` columns come as YYYY-MM-DD, `timestamptz` as Date, `bigint` and
 * `numeric` as numbers where a number holds them exactly, else as text.
 * Every call throws DATABASE_UNAVAILABLE, DISK_FULL or SETTINGS_INVALID (login refused) where that is what happened,
 * and pg's DatabaseError with PostgreSQL's code where the statement itself was refused.
 */
export interface Queries {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** @returns rows affected. Without values `sql` may hold several statements; then the sum. */
  execute(sql: string, values?: readonly unknown[]): Promise<number>;
}

export interface Transaction extends Queries {
  /**
   * Streams `source` into `copy … from stdin`, at the database's pace.
   * @returns rows copied
   * @throws what `source` throws, as it came
   */
  copyFrom(sql: string, source: AsyncIterable<string | Buffer>): Promise<number>;
  /**
   * Streams what `copy … to stdout` gives, at the reader's pace, in chunks that end anywhere; nothing else runs in the
   * transaction meanwhile. A reader that stops before the end gives up the connection, and with it the transaction.
   */
  copyTo(sql: string): AsyncIterable<Buffer>;
}

export interface Database extends Queries {
  /**
   * Commits when `work` is done, rolls back when it throws, and passes its error on.
   * @throws INTERNAL where `work` hid the error of a statement: nothing was committed then
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Answers within 3 seconds or throws DATABASE_UNAVAILABLE. */
  ping(): Promise<void>;
  /** Waits for what is running, then closes every connection. Safe to call twice. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  url: string;
  log: Logger;
  /** 10 unless given. */
  maxConnections?: number;
  /** Milliseconds after which PostgreSQL cancels a statement; never unless given. */
  statementTimeoutMs?: number;
}

/** A pool of connections, opened when they are needed: nothing is sent before the first call. */
export function connectDatabase(options: DatabaseOptions): Database {
  const pool = createPool(options);
  const where = serverOf(options.url);
  let closed: Promise<void> | undefined;

  async function withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = createConnection(await explained(where, pool.connect()), where);
    // A connection lost between two statements is an event without a listener, which would end the process; the
    // next statement fails with the reason.
    const onLost = (error: Error) => options.log.debug({ err: error }, "a database connection was lost");
    connection.client.on("error", onLost);
    let broken = false;
    try {
      return await work(connection);
    } catch (error) {
      // The pool itself notices a closed connection, but not one that has gone silent.
      broken = isMarqueeError(error, "DATABASE_UNAVAILABLE");
      throw error;
    } finally {
      connection.client.off("error", onLost);
      connection.client.release(broken);
    }
  }

  return {
    query: (sql, values) => withConnection((connection) => connection.query(sql, values)),
    execute: (sql, values) => withConnection((connection) => connection.execute(sql, values)),
    transaction: (work) => withConnection((connection) => inTransaction(connection, work)),
    ping: () => withinPingTimeout(withConnection(ping), where),
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}

function createPool({ url, log, maxConnections, statementTimeoutMs }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "marquee",
    types: valueParsers,
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
  });
  // An idle connection that breaks is replaced when the next one is needed; without a listener it would end the process.
  pool.on("error", (error) => {
    if (!pool.ending) log.warn({ err: error }, "an idle database connection was lost");
  });
  return pool;
}

/** One connection, whose errors are explained. */
interface Connection extends Transaction {
  readonly client: pg.PoolClient;
  run(query: string | pg.QueryConfig): Promise<pg.QueryResult>;
}

function createConnection(client: pg.PoolClient, where: string): Connection {
  return {
    client,
    run: (query) => explained(where, client.query(query)),
    query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      (await explained(where, client.query<Row>(sql, [...values]))).rows,
    execute: async (sql, values = []) => {
      // Several statements in one text give an array of results, which pg's types do not know.
      const result: pg.QueryResult | pg.QueryResult[] = await explained(where, client.query(sql, [...values]));
      return [result].flat().reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
    },
    copyFrom: (sql, source) => copyInto(client, where, sql, source),
    copyTo: (sql) => copyOut(client, where, sql),
  };
}

async function explained<T>(where: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainDatabaseError(error, where);
  }
}

async function copyInto(
  client: pg.PoolClient,
  where: string,
  sql: string,
  source: AsyncIterable<string | Buffer>,
): Promise<number> {
  let sourceError: { thrown: unknown } | undefined;
  async function* watched(): AsyncGenerator<string | Buffer> {
    try {
      yield* source;
    } catch (error) {
      sourceError = { thrown: error };
      throw error;
    }
  }
  const copy = client.query(copyFrom(sql));
  try {
    await pipeline(Readable.from(watched(), { objectMode: false }), copy);
  } catch (error) {
    throw sourceError === undefined ? explainDatabaseError(error, where) : sourceError.thrown;
  }
  return copy.rowCount;
}

async function* copyOut(client: pg.PoolClient, where: string, sql: string): AsyncGenerator<Buffer> {
  const copy = client.query(copyTo(sql));
  // The end of a connection that was given up is told to the copy as well, which nobody reads any more.
  copy.on("error", () => {});
  let over = false;
  try {
    for await (const chunk of copy) yield chunk as Buffer;
    over = true;
  } catch (error) {
    over = true;
    throw explainDatabaseError(error, where);
  } finally {
    // PostgreSQL would go on sending, and the next statement would wait behind what nobody takes.
    if (!over) client.connection.stream.destroy();
  }
}

async function inTransaction<T>(connection: Connection, work: (tx: Transaction) => Promise<T>): Promise<T> {
  await connection.run("begin");
  let result: T;
  try {
    result = await work(connection);
  } catch (error) {
    // Where even this fails the connection is broken: the server rolls back by itself, and the pool drops it.
    await connection.run("rollback").catch(() => {});
    throw error;
  }
  const { command } = await connection.run("commit");
  // PostgreSQL answers a commit of a failed transaction with a rollback, and no error.
  if (command === "ROLLBACK") {
    throw new MarqueeError(
      "INTERNAL",
      "A statement of the transaction failed and its error was hidden, so nothing was committed.",
    );
  }
  return result;
}

async function ping(connection: Connection): Promise<void> {
  // query_timeout is pg's option for one query too, which its types leave out.
  const query: pg.QueryConfig & { query_timeout: number } = { text: "select 1", query_timeout: PING_TIMEOUT_MS };
  await connection.run(query);
}

/** Covers the wait for a connection too. */
async function withinPingTimeout(work: Promise<void>, where: string): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const error = new MarqueeError(
    "DATABASE_UNAVAILABLE",
    `The database at ${where} does not answer within ${PING_TIMEOUT_MS / 1000} seconds.`,
  );
  const timer = setTimeout(() => timeout.reject(error), PING_TIMEOUT_MS);
  await Promise.race([work, timeout.promise]).finally(() => clearTimeout(timer));
}
