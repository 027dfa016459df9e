import { MarqueeError } from "@marquee/shared/service/errors";

/** So many entities one question may be about; who has more asks in parts, or the offline store. */
export const MAX_ENTITIES = 1_000;
/** So many features one question may be for, those of a whole view or service counted each. */
export const MAX_FEATURES = 500;
/** The longest reference that there is has some 60; a longer one would be kept with its plan, and told to its sender in full. */
const MAX_NAME_CHARACTERS = 200;
/** Longer values are cut when they are shown to their sender. */
const MAX_SHOWN_CHARACTERS = 60;

/** What features are asked for: `view:column`, `view`, `view@v2:column`; or all of a feature service. */
export interface FeatureChoice {
  features: readonly string[];
  /** Wins over `features`, as with Feast. */
  service: string | undefined;
  /** Whether results are named `view__column` instead of `column`. */
  fullNames: boolean;
}

/** Feast's question for online features, with its form checked; ids are checked by `idsOf` where a view has asked for them. */
export interface OnlineRequest extends FeatureChoice {
  /** By column: one value per entity. */
  entities: Readonly<Record<string, unknown>>;
  /** Whether the answer is to tell each view's version in Feast's own words. */
  versionMetadata: boolean;
}

/**
 * Reads the body of Feast's `POST /get-online-features`. Fields that are not known are passed over, as Feast does.
 * @throws REQUEST_INVALID naming the field and what is accepted
 */
export function parseOnlineRequest(body: unknown): OnlineRequest {
  const fields = objectAt("body", body);
  return {
    ...parseChoice(fields),
    entities: objectAt("entities", fields.entities),
    versionMetadata: flagAt("include_feature_view_version_metadata", fields.include_feature_view_version_metadata),
  };
}

/** @throws REQUEST_INVALID where neither features nor a service are named, or not in the form that is accepted */
export function parseChoice(fields: Readonly<Record<string, unknown>>): FeatureChoice {
  const { features = [], feature_service: service } = fields;
  if (service !== undefined && service !== null && !isName(service)) {
    throw refused("feature_service", "accepted is the name of a feature service", service);
  }
  if (!Array.isArray(features) || !features.every(isName)) {
    throw refused("features", 'accepted is a list of features such as "film_metadata:runtime_minutes"', features);
  }
  if (features.length === 0 && !service) {
    throw refused(
      "features",
      'accepted are features such as ["film_metadata:runtime_minutes"], or feature_service',
      [],
    );
  }
  if (features.length > MAX_FEATURES) throw refused("features", `accepted are up to ${MAX_FEATURES}`, features);
  return {
    features,
    service: service || undefined,
    fullNames: flagAt("full_feature_names", fields.full_feature_names),
  };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_CHARACTERS;
}

/**
 * The ids of the entities that are asked about.
 * @param expected how many, where another column has told
 * @throws REQUEST_INVALID naming the column and the first place that is wrong
 */
export function idsOf(entities: OnlineRequest["entities"], joinKey: string, expected: number | undefined): number[] {
  const path = `entities.${joinKey}`;
  const ids = entities[joinKey];
  if (!Array.isArray(ids)) throw refused(path, "accepted is a list of whole numbers, one per entity", ids);
  if (ids.length === 0 || ids.length > MAX_ENTITIES) {
    throw refused(path, `accepted are 1 to ${MAX_ENTITIES} entities`, ids);
  }
  if (expected !== undefined && ids.length !== expected) {
    throw refused(path, `accepted are as many values as the other columns have: ${expected}`, ids);
  }
  const wrong = ids.findIndex((id) => !Number.isSafeInteger(id));
  if (wrong !== -1) throw refused(`${path}[${wrong}]`, "accepted is a whole number", ids[wrong]);
  return ids as number[];
}

/** REQUEST_INVALID that names a field. */
export function refused(path: string, accepted: string, given: unknown): MarqueeError {
  const message = given === undefined ? `is missing: ${accepted}` : `is wrong: ${accepted}; given: ${shown(given)}`;
  return new MarqueeError("REQUEST_INVALID", `${path} ${message}.`, { details: { errors: [{ path, message }] } });
}

export function objectAt(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refused(path, "accepted is an object", value);
}

function flagAt(path: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw refused(path, "accepted is true or false", value);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`;
}
