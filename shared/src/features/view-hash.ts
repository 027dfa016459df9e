import { canonicalJson, sha256 } from "../service/ids.ts";
import { computeView } from "./compute-view.ts";
import type { FeatureInput, FeatureView } from "./feature-view.ts";
import { probeInputs } from "./probe-films.ts";

/** Digits of an answer that count: a sum in another order leaves them, a meant change does not. */
const SIGNIFICANT_DIGITS = 12;
/** What is smaller is left over from a difference of sums, and counts as nothing. */
const NOTHING = 1e-9;

/**
 * The identity of a list of views, of what they are called and of what they answer: a model stores the one it was
 * trained on, and serving refuses another. A changed helper far below a view changes it; a renamed one does not, nor do
 * words for people: descriptions, owners, sources.
 */
export function hashViews(views: readonly FeatureView[]): string {
  return sha256(canonicalJson(views.map((view) => ({ ...withoutWords(view), answers: answersOf(view) }))));
}

function withoutWords(view: FeatureView): Record<string, unknown> {
  const { description: _description, owner: _owner, source: _source, columns, ...meaning } = viewDefinition(view);
  return {
    ...meaning,
    columns: columns.map(({ description: _columnDescription, owner: _columnOwner, ...column }) => column),
  };
}

/** A view without its function, as it is registered. */
export function viewDefinition({ compute: _compute, ...definition }: FeatureView): Omit<FeatureView, "compute"> {
  return {
    ...definition,
    columns: definition.columns.map((column) => ({
      ...column,
      default: Number.isNaN(column.default) ? null : column.default,
    })),
  } as Omit<FeatureView, "compute">;
}

let probes: readonly FeatureInput[] | undefined;

/**
 * What the view answers about films that are the same in every release: per film one text per column, null where
 * unknown.
 */
export function answersOf(view: FeatureView): (string | null)[][] {
  probes ??= probeInputs();
  return probes.map((input) => computeView(view, input).map(rounded));
}

function rounded(value: number): string | null {
  if (Number.isNaN(value)) return null;
  return Math.abs(value) < NOTHING ? "0" : value.toPrecision(SIGNIFICANT_DIGITS);
}
