import { MarqueeError } from "@marquee/shared/service/errors";
import type { DatasetView } from "./dataset-manifest.ts";

/** A column that somebody asked for. */
export interface WantedColumn {
  view: DatasetView;
  name: string;
  type: "float64" | "bool";
}

/** By the name of a feature service: the views that it reads, as references. */
export type ServiceViews = Readonly<Record<string, readonly string[]>>;

/**
 * A view, its version, one of its columns: `film_metadata`, `film_metadata@2`, `film_metadata@latest`,
 * `film_metadata@v2:runtime_minutes`.
 */
const REFERENCE = /^([a-z0-9_]+)(?:@(?:v?(\d+)|latest))?(?::([a-z0-9_]+))?$/i;

/**
 * The columns that references name, in their order, each once. Without a version it is the newest one that there is;
 * without a column all of the view's. Where services are given, their names are references, too.
 * @throws FEATURE_UNKNOWN naming what there is
 */
export function resolveFeatures(
  views: readonly DatasetView[],
  references: readonly string[],
  services: ServiceViews = {},
): WantedColumn[] {
  const wanted = new Map<string, WantedColumn>();
  for (const reference of references.flatMap((name) => viewsOf(services, name) ?? [name])) {
    for (const column of columnsOf(views, reference, services)) wanted.set(column.name, column);
  }
  if (wanted.size === 0) {
    throw new MarqueeError(
      "REQUEST_INVALID",
      `No feature is asked for. Name some as VIEW:COLUMN, or a whole VIEW. ${viewsThere(views)}`,
    );
  }
  return [...wanted.values()];
}

/** What a feature service reads; undefined where there is none of the name. */
export function viewsOf(services: ServiceViews, name: string): readonly string[] | undefined {
  return Object.hasOwn(services, name) ? services[name] : undefined;
}

function columnsOf(views: readonly DatasetView[], reference: string, services: ServiceViews): WantedColumn[] {
  const [, name = "", version, column] = REFERENCE.exec(reference) ?? [];
  const view = views
    .filter((candidate) => candidate.name === name && (version === undefined || candidate.version === Number(version)))
    .sort((a, b) => b.version - a.version)[0];
  if (!view) {
    const names = Object.keys(services);
    const [what, there] = names.length === 0 ? ["", ""] : [" or service", ` Services: ${names.join(", ")}.`];
    throw unknown(
      `There is no feature view${what} ${JSON.stringify(reference)} in the dataset. ${viewsThere(views)}${there}`,
    );
  }
  const columns = view.columns.map((found) => ({ ...found, view }));
  if (column === undefined) return columns;
  const found = columns.filter((candidate) => candidate.name === column);
  if (found.length > 0) return found;
  const names = view.columns.map((there) => there.name).join(", ");
  throw unknown(`The feature view ${name}@${view.version} has no column ${JSON.stringify(column)}. It has: ${names}.`);
}

function viewsThere(views: readonly DatasetView[]): string {
  return `Views: ${views.map(({ name, version }) => `${name}@${version}`).join(", ")}.`;
}

function unknown(message: string): MarqueeError {
  return new MarqueeError("FEATURE_UNKNOWN", message);
}
