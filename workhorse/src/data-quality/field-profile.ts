/** Elements of an array that are looked at: a film has hundreds of credits, which are all of one form. */
const SAMPLED_ELEMENTS = 10;
/** Deeper, and beyond so many fields, lies what no source has but a broken or hostile one. */
const MAX_DEPTH = 8;
const MAX_FIELDS = 2_000;
const MAX_KEY_LENGTH = 80;

/** The whole body's path. */
export const ROOT = "$";

/** How many bodies had a field, and in how many of them it was null, by the field's path. */
export type FieldProfile = Map<string, { bodies: number; nulls: number }>;

/** A place in the bodies' form. Walking a tree of these needs no path to be written for each value. */
interface Place {
  path: string;
  bodies: number;
  nulls: number;
  /** The last bodies that were counted, so that a body's second element does not count again. */
  seenIn: number;
  nullIn: number;
  children: Map<string, Place>;
}

/**
 * The fields of JSON bodies as paths such as `credits.cast[].name`. A container is a field of its own, and elements of
 * arrays are one place, `genres[]`, that a body has when the array is not empty. Keys that are data, such as codes of
 * countries and ids, are one place `*`. Of long arrays the first 10 elements are looked at.
 */
export function profileFields(bodies: readonly unknown[]): FieldProfile {
  const root = placeAt(ROOT);
  let fields = 0;

  function childOf(place: Place, key: string): Place | undefined {
    const known = place.children.get(key);
    if (known || fields >= MAX_FIELDS) return known;
    fields += 1;
    const made = placeAt(childPath(place.path, key));
    place.children.set(key, made);
    return made;
  }

  function visit(place: Place | undefined, value: unknown, body: number, depth: number): void {
    if (!place) return;
    if (place.seenIn !== body) {
      place.seenIn = body;
      place.bodies += 1;
    }
    if (value === null) {
      if (place.nullIn !== body) {
        place.nullIn = body;
        place.nulls += 1;
      }
      return;
    }
    if (typeof value !== "object" || depth >= MAX_DEPTH) return;
    if (Array.isArray(value)) {
      for (let i = 0; i < Math.min(value.length, SAMPLED_ELEMENTS); i++) {
        visit(childOf(place, "[]"), value[i], body, depth + 1);
      }
      return;
    }
    for (const [key, part] of Object.entries(value)) visit(childOf(place, foldedKey(key)), part, body, depth + 1);
  }

  for (const [i, body] of bodies.entries()) visit(root, body, i, 0);
  return flattened(root);
}

function placeAt(path: string): Place {
  return { path, bodies: 0, nulls: 0, seenIn: -1, nullIn: -1, children: new Map() };
}

function childPath(parent: string, key: string): string {
  if (key === "[]") return `${parent}[]`;
  return parent === ROOT ? key : `${parent}.${key}`;
}

/** The path of the container that a field is in. */
export function parentOf(path: string): string {
  if (path.endsWith("[]")) return path.slice(0, -2) || ROOT;
  const dot = path.lastIndexOf(".");
  return dot < 0 ? ROOT : path.slice(0, dot);
}

/** U+0000 has no place in PostgreSQL's text; a dot or bracket within a key would look like two fields. */
function foldedKey(key: string): string {
  if (/^([A-Z]{2}|\d+)$/.test(key)) return "*";
  return key.slice(0, MAX_KEY_LENGTH).replace(/[.[\]\0]/g, "_");
}

function flattened(root: Place): FieldProfile {
  const profile: FieldProfile = new Map();
  const open = [root];
  for (let place = open.pop(); place; place = open.pop()) {
    profile.set(place.path, { bodies: place.bodies, nulls: place.nulls });
    open.push(...place.children.values());
  }
  return profile;
}
