import type { estypes } from "@elastic/elasticsearch";
import type { LogLine } from "../../contracts/log-line.ts";

/**
 * A log line as it lies in Elasticsearch. Only fields of the contract have a type of their own, and `detail` holds all
 * else as one flattened field: whatever a line brings, no type can clash and the mapping does not grow.
 */
export interface LogDocument {
  "@timestamp": LogLine["time"];
  id: string;
  level: LogLine["level"];
  service: string;
  instance: string;
  msg?: string | undefined;
  traceId?: string | undefined;
  /** The error's code, the line's own or that of its `err`, lifted out so that it can be counted by. */
  code?: string | undefined;
  /** Of a line about an answered request, lifted out so that dashboards can count and average them. */
  route?: string | undefined;
  status?: number | undefined;
  milliseconds?: number | undefined;
  /** Every field of the line that the contract does not name. */
  detail: Record<string, unknown>;
}

/** Bytes of UTF-8 that Lucene takes as one term are 32,766, four to a character at worst; longer ones are not indexed. */
const MAX_TERM_CHARACTERS = 8_191;
const keyword = { type: "keyword", ignore_above: MAX_TERM_CHARACTERS } as const;

export const LOG_MAPPINGS: estypes.MappingTypeMapping = {
  // A field that a later release adds is kept unindexed until the next rollover brings its mapping.
  dynamic: false,
  properties: {
    "@timestamp": { type: "date" },
    id: keyword,
    level: keyword,
    service: keyword,
    instance: keyword,
    traceId: keyword,
    code: keyword,
    route: keyword,
    status: { type: "integer", ignore_malformed: true },
    milliseconds: { type: "float", ignore_malformed: true },
    msg: { type: "text" },
    detail: { type: "flattened", ignore_above: MAX_TERM_CHARACTERS },
  },
};

export function documentOf({ id, time, level, service, instance, msg, traceId, ...detail }: LogLine): LogDocument {
  return {
    ...{ "@timestamp": time, id, level, service, instance, msg, traceId, code: codeOf(detail) },
    ...answerOf(detail),
    detail,
  };
}

export function lineOf({
  "@timestamp": time,
  id,
  level,
  service,
  instance,
  msg,
  traceId,
  detail,
}: LogDocument): LogLine {
  return {
    ...detail,
    ...{ id, time, level, service, instance },
    ...(msg === undefined ? {} : { msg }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** Only what has the type of its field: a line may use the same words for something else. */
function answerOf({ route, status, milliseconds }: Record<string, unknown>) {
  return {
    route: typeof route === "string" ? route : undefined,
    status: typeof status === "number" ? status : undefined,
    milliseconds: typeof milliseconds === "number" ? milliseconds : undefined,
  };
}

function codeOf({ code, err }: Record<string, unknown>): string | undefined {
  if (typeof code === "string") return code;
  const inner = typeof err === "object" && err !== null && "code" in err ? err.code : undefined;
  return typeof inner === "string" ? inner : undefined;
}
