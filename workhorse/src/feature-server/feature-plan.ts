import type { ColumnSchema, ViewSchema } from "@marquee/shared/features/feature-view";
import { MarqueeError } from "@marquee/shared/service/errors";
import { type FeatureChoice, MAX_FEATURES, refused } from "./feature-request.ts";

/** A feature service as its readers know it: all columns of these views. */
export interface ServedService {
  name: string;
  views: readonly ViewSchema[];
}

export interface ServedFeatures {
  views: readonly ViewSchema[];
  services: readonly ServedService[];
}

/** A view, and which of its columns are asked for. */
export interface PlannedView {
  schema: ViewSchema;
  /** As it was asked for: `film_metadata`, `film_metadata@v2`. */
  tag: string;
  columns: readonly PlannedColumn[];
}

export interface PlannedColumn {
  /** In the view's rows. */
  index: number;
  isBool: boolean;
}

/** How a question is answered, whoever it is about. */
export interface FeaturePlan {
  /** Columns of ids that the question has to have; they come first among the results. */
  joinKeys: readonly string[];
  /** In the order in which they were first named. */
  views: readonly PlannedView[];
  /** Of the results: join keys, then the views' columns. */
  names: readonly string[];
}

/** Programs ask the same question again and again; who asks a new one each time must not fill the memory. */
const MAX_KEPT_PLANS = 500;
const VERSION = /^(?:latest|[vV]?(\d+))$/;

/**
 * Finds out which columns of which views a question means, and remembers it.
 * @returns a function that throws FEATURE_UNKNOWN, naming what there is, and REQUEST_INVALID
 */
export function createPlanner(served: ServedFeatures): (choice: FeatureChoice) => FeaturePlan {
  const kept = new Map<string, FeaturePlan>();
  return (choice) => {
    const { service, features, fullNames } = choice;
    const key = JSON.stringify([fullNames, service ?? features]);
    const known = kept.get(key);
    if (known) return known;
    const plan = makePlan(served, choice);
    if (kept.size >= MAX_KEPT_PLANS) kept.clear();
    kept.set(key, plan);
    return plan;
  };
}

interface Draft {
  schema: ViewSchema;
  /** Indexes of columns, in the order asked for. */
  columns: number[];
}

function makePlan(served: ServedFeatures, { service, features, fullNames }: FeatureChoice): FeaturePlan {
  const drafts = service === undefined ? draftsOf(served.views, features) : draftsOfService(served.services, service);
  const views = [...drafts].map(
    ([tag, { schema, columns }]): PlannedView => ({
      schema,
      tag,
      columns: columns.map((index) => ({ index, isBool: schema.columns[index]?.type === "bool" })),
    }),
  );
  const joinKeys = [...new Set(views.map(({ schema }) => schema.entity.joinKey))];
  const names = views.flatMap(({ schema, tag, columns }) =>
    columns.map(({ index }) => nameOf(schema.columns[index], fullNames ? `${tag}__` : "")),
  );
  if (names.length > MAX_FEATURES) throw refused("features", `accepted are up to ${MAX_FEATURES}`, names);
  const twice = names.find((name, i) => joinKeys.includes(name) || names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw refused(
      "features",
      `${twice} is in the answer twice; full_feature_names tells two views' columns apart`,
      names,
    );
  }
  return { joinKeys, views, names: [...joinKeys, ...names] };
}

function nameOf(column: ColumnSchema | undefined, prefix: string): string {
  return `${prefix}${column?.name ?? ""}`;
}

function draftsOfService(services: readonly ServedService[], name: string): Map<string, Draft> {
  const service = services.find((one) => one.name === name);
  if (!service)
    throw unknown(
      `feature service ${JSON.stringify(name)}`,
      services.map((one) => one.name),
    );
  return new Map(service.views.map((schema) => [schema.name, { schema, columns: [...schema.columns.keys()] }]));
}

function draftsOf(views: readonly ViewSchema[], features: readonly string[]): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const feature of features) {
    const [asked = "", column] = split(feature, ":");
    const { schema, tag } = findView(views, asked);
    const columns = column === undefined ? [...schema.columns.keys()] : [indexOf(schema, column)];
    const draft = drafts.get(tag);
    if (draft) draft.columns.push(...columns);
    else drafts.set(tag, { schema, columns });
  }
  return drafts;
}

/** The view of that version, or the newest. */
function findView(views: readonly ViewSchema[], asked: string): { schema: ViewSchema; tag: string } {
  const [name = "", version] = split(asked, "@");
  const named = views.filter((view) => view.name === name).sort((a, b) => b.version - a.version);
  if (named.length === 0)
    throw unknown(`feature view ${JSON.stringify(name)}`, [...new Set(views.map((view) => view.name))]);
  const [, number] = VERSION.exec(version ?? "latest") ?? [undefined, "0"];
  const schema = number === undefined ? named[0] : named.find((view) => view.version === Number(number));
  if (!schema)
    throw unknown(
      `feature view ${JSON.stringify(asked)}`,
      named.map((view) => `${name}@v${view.version}`),
    );
  return { schema, tag: number === undefined ? name : `${name}@v${number}` };
}

function indexOf({ name, columns }: ViewSchema, column: string): number {
  const index = columns.findIndex((one) => one.name === column);
  if (index === -1)
    throw unknown(
      `column ${JSON.stringify(column)} in ${name}`,
      columns.map((one) => one.name),
    );
  return index;
}

function split(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function unknown(what: string, there: readonly string[]): MarqueeError {
  return new MarqueeError("FEATURE_UNKNOWN", `There is no ${what}. There are: ${there.join(", ")}.`);
}
