import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import { type ServiceViews, viewsOf } from "../offline-store/feature-references.ts";
import { objectAt, parseChoice, refused } from "./feature-request.ts";

/** So many rows one question may have; more are joined by `marquee features history`. */
export const MAX_HISTORICAL_ROWS = 100_000;
/** So many columns may be handed through; 20,000 took DuckDB's whole memory for one row. */
export const MAX_HISTORICAL_COLUMNS = 200;
/**
 * So many lists and objects a body may have: its own, a list per column and a few to spare. JSON.parse makes 700 MB of
 * 16 MB of `{"35":0},`, and ends the process where a thread's heap does not suffice for it.
 */
const MAX_PARTS = 1_000;
/** TMDB's ids, as datasets hold them. */
const MAX_ID = 2_147_483_647;
/** What DuckDB takes for a name; two underscores are the join's own. */
const COLUMN_NAME = /^(?!__)[^\0]{1,200}$/su;
/** The column of moments, by Feast's name. */
export const TIME_COLUMN = "event_timestamp";
/** As ISO 8601 and pandas write it; without a zone it is UTC. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

const PASSED_VALUES = "accepted are text, true, false, null and numbers; whole ones from 2^53 on as text";

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
  services: ServiceViews;
}

/**
 * @param body JSON: entities (by column, the join key and `event_timestamp` among them), features or feature_service
 * @throws BODY_NOT_JSON, REQUEST_INVALID naming field and row; FEATURE_UNKNOWN for a service
 */
export function parseHistoricalRequest(body: string, { joinKey, services }: HistoricalContext): HistoricalQuestion {
  const fields = objectAt("body", parseJson(body));
  const { features, service, fullNames } = parseChoice(fields);
  if (fullNames) {
    throw refused(
      "full_feature_names",
      "accepted is false: no two views of a dataset share a column's name",
      fullNames,
    );
  }
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
  if (hasMoreParts(body, MAX_PARTS)) {
    throw refused("body", `accepted are up to ${MAX_PARTS} lists and objects, none of them inside a column's list`, {});
  }
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MarqueeError("BODY_NOT_JSON", "The body is not valid JSON in UTF-8.", { cause: error });
  }
}

/** Whether more than so many lists and objects begin in a text of JSON. */
function hasMoreParts(json: string, max: number): boolean {
  let parts = 0;
  let inText = false;
  for (let at = 0; at < json.length && parts <= max; at++) {
    const character = json[at];
    if (inText && character === "\\") at++;
    else if (character === '"') inText = !inText;
    else if (!inText && (character === "{" || character === "[")) parts++;
  }
  return parts > max;
}

function columnsOf(entities: Record<string, unknown>): Record<string, PassedValue[]> {
  const names = Object.keys(entities);
  if (names.length > MAX_HISTORICAL_COLUMNS) {
    throw refused("entities", `accepted are up to ${MAX_HISTORICAL_COLUMNS} columns`, names);
  }
  checkNames(names);
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
    const wrong = values.findIndex((value) => !isPassed(value));
    if (wrong !== -1) throw refused(`${path}[${wrong}]`, PASSED_VALUES, values[wrong]);
  }
  return entities as Record<string, PassedValue[]>;
}

/** Names that DuckDB and Parquet's readers tell apart: they take `Note` for `note`. */
function checkNames(names: readonly string[]): void {
  const known = new Set<string>();
  for (const name of names) {
    if (!COLUMN_NAME.test(name)) {
      throw refused("entities", "accepted are columns named in 1 to 200 characters, not beginning with __", name);
    }
    if (known.has(name.toLowerCase())) {
      throw refused("entities", "accepted are columns whose names differ in more than small and capital letters", name);
    }
    known.add(name.toLowerCase());
  }
}

/** A number that JSON.parse has rounded would come back as another one. */
function isPassed(value: unknown): value is PassedValue {
  if (typeof value === "number")
    return Number.isFinite(value) && !(Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value !== "object" || value === null;
}

function idAt(path: string, value: PassedValue): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_ID) return value;
  throw refused(path, `accepted is a whole number from 0 to ${MAX_ID}`, value);
}

function momentAt(path: string, value: PassedValue): number {
  const [, day, time, zone] = (typeof value === "string" ? MOMENT.exec(value) : undefined) ?? [];
  const text = time === undefined ? day : `${day}T${time}${zone?.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2") ?? "Z"}`;
  const moment = Date.parse(text ?? "");
  // Date.parse takes February 30th for a day of March.
  if (!Number.isNaN(moment) && calendarDateSchema.safeParse(day).success) return moment;
  throw refused(path, "accepted is a moment such as 2024-05-01T12:00:00Z, or a day", value);
}

function featuresOf(services: HistoricalContext["services"], name: string): readonly string[] {
  const features = viewsOf(services, name);
  if (features) return features;
  const there = Object.keys(services).join(", ");
  throw new MarqueeError(
    "FEATURE_UNKNOWN",
    `There is no feature service ${JSON.stringify(name)}. There are: ${there}.`,
  );
}
