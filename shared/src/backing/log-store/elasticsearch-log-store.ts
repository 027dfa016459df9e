import { Client, type ClientOptions, type estypes } from "@elastic/elasticsearch";
import type { LogLine } from "../../contracts/log-line.ts";
import { explainElasticsearchError, refusalOf } from "./elasticsearch-errors.ts";
import { documentOf, LOG_MAPPINGS, type LogDocument, lineOf } from "./log-document.ts";
import { type LogQuery, type LogStore, limitOf, type RefusedLine } from "./log-store.ts";

/** An answer that takes longer counts as none, in milliseconds; the batch then comes again. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Lines per bulk request: 500 take 25 ms. Their bytes are bounded by the bus, whose batches stay far below the server's 100 MB. */
const LINES_PER_REQUEST = 1_000;
/** Before Elastic's own template for `logs-*-*`, which has 100. */
const TEMPLATE_PRIORITY = 500;

export interface ElasticsearchLogStoreOptions {
  /** https://host:9200 */
  url: string;
  auth?: ClientOptions["auth"];
  /** The data stream is `logs-marquee-<namespace>`. */
  namespace: string;
  /** Days after which the server deletes a line; 30 unless given. */
  retentionDays?: number;
}

/**
 * Log lines in a data stream of Elasticsearch 8.19 or newer. Every call throws LOG_STORE_UNAVAILABLE while the server
 * is away or overloaded, SETTINGS_INVALID where it refuses the login.
 *
 * A data stream takes an id once per backing index, not once altogether: a line that is delivered again after a
 * rollover would be stored twice. So lines that are found already are left out first (14 ms for 500 as measured); only
 * two consumers that hold the same batch during a rollover could still store a line twice.
 */
export function createElasticsearchLogStore(options: ElasticsearchLogStoreOptions): LogStore {
  const { url, auth, namespace, retentionDays = 30 } = options;
  const where = new URL(url).host;
  const stream = `logs-marquee-${namespace}`;
  const client = new Client({
    node: url,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // One: for a kept connection that the server closed meanwhile. Who waits longer decides that himself.
    maxRetries: 1,
    ...(auth === undefined ? {} : { auth }),
  });
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw explainElasticsearchError(error, where);
    }
  };
  const search = (request: estypes.SearchRequest) =>
    // The stream is made by its first line; until then there is nothing to find.
    explained(client.search<LogDocument>({ index: stream, ignore_unavailable: true, ...request }));

  async function withoutStored(lines: readonly LogLine[]): Promise<LogLine[]> {
    const values = lines.map(({ id }) => id);
    const { hits } = await search({ query: { ids: { values } }, size: values.length, _source: false });
    const stored = new Set(hits.hits.map(({ _id }) => _id));
    return lines.filter(({ id }) => !stored.has(id));
  }

  async function storeSome(lines: readonly LogLine[]): Promise<RefusedLine[]> {
    const fresh = await withoutStored(lines);
    if (fresh.length === 0) return [];
    const operations = fresh.flatMap((line) => [{ create: { _id: line.id } }, documentOf(line)]);
    // `wait_for` would take the refresh interval, a second a batch; a refresh of its own 25 ms (500 lines as measured).
    const { items } = await explained(client.bulk({ index: stream, operations, refresh: true }));
    return items.flatMap(({ create }) => {
      const reason = create && refusalOf(create, where);
      return reason === undefined ? [] : [{ id: create?._id ?? "", reason }];
    });
  }

  return {
    prepare: () => explained(putTemplates(client, stream, retentionDays)),
    store: async (lines) => {
      const refused: RefusedLine[] = [];
      for (let i = 0; i < lines.length; i += LINES_PER_REQUEST) {
        refused.push(...(await storeSome(lines.slice(i, i + LINES_PER_REQUEST))));
      }
      return refused;
    },
    find: async (query) => {
      const { hits } = await search({
        query: { bool: { filter: filtersOf(query) } },
        sort: [{ "@timestamp": "desc" }, { id: "desc" }],
        size: limitOf(query),
      });
      return hits.hits.flatMap(({ _source }) => (_source ? [lineOf(_source)] : []));
    },
    // A search, and not the server's front page: it needs no right that finding lines does not need.
    ping: async () => {
      await search({ size: 0, terminate_after: 1 });
    },
    close: () => client.close(),
  };
}

/** A component template for the fields and an index template for the stream; a change counts from the next rollover. */
async function putTemplates(client: Client, stream: string, retentionDays: number): Promise<void> {
  const fields = `${stream}-fields`;
  await client.cluster.putComponentTemplate({ name: fields, template: { mappings: LOG_MAPPINGS } });
  await client.indices.putIndexTemplate({
    name: stream,
    index_patterns: [stream],
    data_stream: {},
    composed_of: [fields],
    priority: TEMPLATE_PRIORITY,
    template: {
      lifecycle: { data_retention: `${retentionDays}d` },
      // One server or several: a copy wherever there is a second one.
      settings: { index: { auto_expand_replicas: "0-1" } },
    },
    _meta: { description: "Log lines of Marquee's processes" },
  });
}

function filtersOf({ traceId, service, level, text, from, to }: LogQuery): estypes.QueryDslQueryContainer[] {
  const filters: estypes.QueryDslQueryContainer[] = [];
  for (const [field, value] of Object.entries({ traceId, service, level })) {
    if (value !== undefined) filters.push({ term: { [field]: value } });
  }
  if (text !== undefined) filters.push({ match: { msg: { query: text, operator: "and" } } });
  if (from) filters.push({ range: { "@timestamp": { gte: from.toISOString() } } });
  if (to) filters.push({ range: { "@timestamp": { lt: to.toISOString() } } });
  return filters;
}
