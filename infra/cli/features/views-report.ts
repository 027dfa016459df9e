import type { Queries } from "@marquee/shared/backing/postgres/database";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { listViews, meaningOf, type RegisteredView } from "@marquee/workhorse/feature-store/view-registry";
import type { JobOutcome } from "../run-job.ts";
import { textTable } from "../text-table.ts";
import { isMarked, readersOf } from "./readers.ts";

const HEADS = ["view", "entity", "columns", "fresh for", "owner", "read by", "registered", "by", "release"];

/** The views of this release with what the registry says of them, and how many versions it keeps besides. */
export async function describeViews(database: Queries): Promise<JobOutcome> {
  const registered = await listViews(database);
  const views = ALL_VIEWS.map((view) => entryOf(view, registered));
  const others = registered.filter(({ name, version }) =>
    ALL_VIEWS.every((view) => view.name !== name || view.version !== version),
  );
  return {
    rowsIn: 0,
    rowsOut: views.length,
    detail: { views, others: others.map(({ definition: _, ...version }) => version) },
    text: [
      textTable(HEADS, views.map(rowOf)),
      ...(others.length === 0 ? [] : ["", `Registered besides: ${others.map(viewKey).join(", ")}`]),
    ].join("\n"),
  };
}

interface ViewEntry {
  name: string;
  version: number;
  hash: string;
  entity: string;
  columns: number;
  ttlSeconds: number;
  owner: string;
  /** Feature services. */
  readBy: string[];
  /** Knows what is known only after release. */
  marked: boolean;
  /** Null before the first build of features by this release. */
  registered: { at: string; by: string; release: string | null; sameMeaning: boolean } | null;
}

function entryOf(view: FeatureView, registered: readonly RegisteredView[]): ViewEntry {
  const { name, version, entity, columns, ttlSeconds, owner } = view;
  const { hash } = meaningOf(view);
  const found = registered.find((known) => known.name === name && known.version === version);
  return {
    name,
    version,
    hash,
    entity: entity.name,
    columns: columns.length,
    ttlSeconds,
    owner,
    readBy: readersOf(view),
    marked: isMarked(view),
    registered: found
      ? {
          at: found.registeredAt.toISOString(),
          by: found.registeredBy,
          release: found.release,
          sameMeaning: found.hash === hash,
        }
      : null,
  };
}

function rowOf(view: ViewEntry) {
  const { registered } = view;
  return [
    viewKey(view),
    view.entity,
    view.columns,
    `${view.ttlSeconds / 3600} h`,
    view.owner,
    view.marked ? "no model: known after release" : view.readBy.join(", ") || "-",
    registered === null ? "not yet" : `${registered.at.slice(0, 10)}${registered.sameMeaning ? "" : ", changed since"}`,
    registered?.by ?? "-",
    registered?.release ?? "-",
  ];
}
