import { type FieldProfile, parentOf, ROOT } from "./field-profile.ts";

/** Before so many bodies nobody knows what a source's form is. */
export const KNOWN_AFTER_BODIES = 100;
/** A field that is in none of so many bodies is missing, and not just rare. */
export const MISSING_IN_BODIES = 20;
/** A field in this share of bodies is always there: among them there may be a broken one that has hardly any field. */
const ALWAYS = 0.99;

/** `new`: never seen before. `missing`: always there until now. `null`: never null until now. */
export type DriftKind = "new" | "missing" | "null";

export interface SchemaDrift {
  path: string;
  kind: DriftKind;
  /** What was seen, in words with numbers. */
  detail: string;
}

/**
 * What moved in a source's form. A field is held against the bodies that had the container that it is in: what a
 * collection is made of says nothing about films that belong to none.
 * @param known all bodies before
 * @param batch the new ones
 */
export function findDrift(known: FieldProfile, batch: FieldProfile): SchemaDrift[] {
  return [...newFields(known, batch), ...lostFields(known, batch)];
}

function newFields(known: FieldProfile, batch: FieldProfile): SchemaDrift[] {
  return [...batch].flatMap(([path, { bodies }]): SchemaDrift[] => {
    if (path === ROOT || known.has(path)) return [];
    // What is in a container that is new itself is told with it.
    const before = filled(known, parentOf(path));
    if (before < KNOWN_AFTER_BODIES) return [];
    return [
      {
        path,
        kind: "new",
        detail: `in ${bodies} of ${filled(batch, parentOf(path))} bodies, in none of ${before} before`,
      },
    ];
  });
}

function lostFields(known: FieldProfile, batch: FieldProfile): SchemaDrift[] {
  return [...known].flatMap(([path, { bodies, nulls }]): SchemaDrift[] => {
    if (path === ROOT || bodies < KNOWN_AFTER_BODIES) return [];
    const now = batch.get(path);
    const could = filled(batch, parentOf(path));
    const always = bodies >= ALWAYS * filled(known, parentOf(path));
    if (!now) {
      if (!always || could < MISSING_IN_BODIES) return [];
      return [{ path, kind: "missing", detail: `in none of ${could} bodies, in ${bodies} before` }];
    }
    if (nulls > 0 || now.nulls === 0) return [];
    return [
      { path, kind: "null", detail: `null in ${now.nulls} of ${now.bodies} bodies, in none of ${bodies} before` },
    ];
  });
}

/** Bodies that had this container with something in it that can have fields. */
function filled(profile: FieldProfile, path: string): number {
  const field = profile.get(path);
  return field ? field.bodies - field.nulls : 0;
}
