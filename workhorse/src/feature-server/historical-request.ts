import { MarqueeError } from "@marquee/shared/service/errors";
import { objectAt, parseChoice, refused } from "./feature-request.ts";

/** So many rows one question may have; more are joined by `marquee features history`. */
export const MAX_HISTORICAL_ROWS = 100_000;
/** The column of moments, by Feast's name. */
export const TIME_COLUMN = "event_timestamp";
/** As ISO 8601 and pandas write it; without a zone it is UTC. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

export type PassedValue = string | number | boolean | null;

/** For which entities and moments features are asked for, as they stood then. */
export interface HistoricalQuestion {
  ids: number[];
  /** Milliseconds since 1970. */
  asOf: number[];
  /** Every column as it was given, those two among them: the answer has them again. */
  given: Readonly<Record<string, readonly PassedValue[]>>;
  /** `view:column`, `view`. */
  features: readonly string[];
}

export interface HistoricalContext {
  /** The column of ids. */
  joinKey: string;
  /** By the name of a feature service: what it asks for. */
  services: Readonly<Record<string, readonly string[]>>;
}

/**
 * @param body JSON: entities (by column, the join key and `event_timestamp` among them), features or feature_service
 * @throws BODY_NOT_JSON, REQUEST_INVALID naming field and row; FEATURE_UNKNOWN for a service
 */
export function parseHistoricalRequest(body: string, { joinKey, services }: HistoricalContext): HistoricalQuestion {
  const fields = objectAt("body", parseJson(body));
  const { features, service } = parseChoice(fields);
  const given = columnsOf(objectAt("entities", fields.entities));
  const [ids, moments] = [given[joinKey], given[TIME_COLUMN]];
  if (ids === undefined) throw refused(`entities.${joinKey}`, "accepted is a list of whole numbers", undefined);
  if (moments === undefined) {
    throw refused(`entities.${TIME_COLUMN}`, "accepted is a list of moments such as 2024-05-01T12:00:00Z", undefined);
  }
  return {
    ids: ids.map((id, i) => idAt(`entities.${joinKey}[${i}]`, id)),
    asOf: moments.map((moment, i) => momentAt(`entities.${TIME_COLUMN}[${i}]`, moment)),
    given,
    features: service === undefined ? features : featuresOf(services, service),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MarqueeError("BODY_NOT_JSON", "The body is not valid JSON in UTF-8.", { cause: error });
  }
}

function columnsOf(entities: Record<string, unknown>): Record<string, PassedValue[]> {
  let rows: number | undefined;
  for (const [name, values] of Object.entries(entities)) {
    const path = `entities.${name}`;
    if (!Array.isArray(values)) throw refused(path, "accepted is a list, one value per row", values);
    if (values.length > MAX_HISTORICAL_ROWS) {
      throw refused(
        path,
        `accepted are up to ${MAX_HISTORICAL_ROWS} rows; marquee features history takes more`,
        values,
      );
    }
    rows ??= values.length;
    if (values.length !== rows)
      throw refused(path, `accepted are as many values as the other columns have: ${rows}`, values);
    const nested = values.findIndex((value) => typeof value === "object" && value !== null);
    if (nested !== -1)
      throw refused(`${path}[${nested}]`, "accepted are text, numbers, true, false and null", values[nested]);
  }
  return entities as Record<string, PassedValue[]>;
}

function idAt(path: string, value: PassedValue): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw refused(path, "accepted is a whole number", value);
}

function momentAt(path: string, value: PassedValue): number {
  const [, day, time, zone] = (typeof value === "string" ? MOMENT.exec(value) : undefined) ?? [];
  const text = time === undefined ? day : `${day}T${time}${zone?.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2") ?? "Z"}`;
  const moment = Date.parse(text ?? "");
  if (!Number.isNaN(moment)) return moment;
  throw refused(path, "accepted is a moment such as 2024-05-01T12:00:00Z, or a day", value);
}

function featuresOf(services: HistoricalContext["services"], name: string): readonly string[] {
  const features = Object.hasOwn(services, name) ? services[name] : undefined;
  if (features) return features;
  const there = Object.keys(services).join(", ");
  throw new MarqueeError(
    "FEATURE_UNKNOWN",
    `There is no feature service ${JSON.stringify(name)}. There are: ${there}.`,
  );
}
