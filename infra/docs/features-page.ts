import type { FeatureService } from "@marquee/shared/features/feature-service";
import {
  FEATURE_GROUPS,
  type FeatureColumn,
  type FeatureGroup,
  type FeatureView,
  type KnownWhen,
} from "@marquee/shared/features/feature-view";
import { isMarked, readersOf } from "../cli/features/readers.ts";

const HEAD = `# Features

Every feature view of this release with its columns, made from their definitions in \`shared/src/features\`; a test compares this page with them. Renew it: \`npx vitest run --project unit infra/docs/features-page --update\`. How they are made: [architecture](architecture.md#how-features-are-made). What was registered, by whom and when: \`npm run marquee -- features list\`.

Views compute float64 and the online store keeps it; of a \`bool\` only 0 and 1 occur, which over HTTP, with Feast's client, in Parquet and in CSV are \`false\` and \`true\`. The default is what a column says where nothing is known: \`unknown\` is null there, and NaN for a model. A changed view is a new version: a process refuses a change without one.`;

/** What a column's time means for those who use it. */
const KNOWN_WHEN: Readonly<Record<KnownWhen, string>> = {
  announced: "With the film's announcement, or from other films' pasts",
  before_release: "Some time before the film's release",
  after_release: "Only after release: to be looked at, never to be learned from. No feature service takes such a view",
};

const MARKED = "Marked: a row also has what became known later, so no model may read it";

export interface FeaturesPage {
  views: readonly FeatureView[];
  services: readonly FeatureService[];
}

/** docs/features.md. */
export function featuresPage({ views, services }: FeaturesPage): string {
  const sections = [
    HEAD,
    overview(views, services),
    "## Feature services",
    "What one model reads, in this order.",
    table(["Service", "Views", "Columns"], services.map(serviceRow)),
    "## When things are known",
    table(["Known", "Means", "Views with such columns"], knownWhenRows(views)),
    "## Groups",
    "What an explanation tells of a prediction; the columns counted are those of feature services. Columns known only after release have a group too, which no explanation tells.",
    table(["Group", "Told as", "Columns"], groupRows(services)),
    "## Views",
    ...views.flatMap((view) => viewSection(view, services)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function overview(views: readonly FeatureView[], services: readonly FeatureService[]): string {
  const rows = views.map((view) => [
    link(view.name),
    String(view.version),
    view.entity.name,
    String(view.columns.length),
    hours(view.ttlSeconds),
    readerNames(view, services),
    view.description,
  ]);
  return table(["View", "Version", "Entity", "Columns", "Fresh for", "Read by", "What it says"], rows);
}

function serviceRow({ name, views, columns }: FeatureService): string[] {
  return [`\`${name}\``, views.map((view) => link(view.name)).join(", "), String(columns.length)];
}

function knownWhenRows(views: readonly FeatureView[]): string[][] {
  return Object.entries(KNOWN_WHEN).map(([known, meaning]) => {
    const having = views.filter(({ columns }) => columns.some(({ knownWhen }) => knownWhen === known));
    return [`\`${known}\``, meaning, having.map(({ name }) => link(name)).join(", ") || "none"];
  });
}

function groupRows(services: readonly FeatureService[]): string[][] {
  const columns = services.flatMap((service) => service.columns);
  return (Object.keys(FEATURE_GROUPS) as FeatureGroup[]).map((group) => [
    `\`${group}\``,
    FEATURE_GROUPS[group],
    String(columns.filter((column) => column.group === group).length),
  ]);
}

function viewSection(view: FeatureView, services: readonly FeatureService[]): string[] {
  const { name, version, entity, owner, description, eventTime, source, ttlSeconds, joinWindowSeconds } = view;
  const facts = [
    ["Version", String(version)],
    ["Entity", `${entity.name}, by \`${entity.joinKey}\`. ${entity.description}`],
    ["Event time", `${eventTime}. ${isMarked(view) ? MARKED : "Only facts from strictly before it are in a row"}`],
    ["Made from", source.map((from) => `\`${from}\``).join(", ")],
    ["Fresh for", hours(ttlSeconds)],
    ...(joinWindowSeconds === undefined ? [] : [["Joined with rows of the last", hours(joinWindowSeconds)]]),
    ["Owner", owner],
    ["Read by", readerNames(view, services)],
  ];
  return [
    `### ${name}`,
    `${description}.`,
    table(["", ""], facts),
    table(["Column", "Type", "Unit", "Default", "Known", "Group", "What it says"], view.columns.map(columnRow)),
  ];
}

function columnRow(column: FeatureColumn): string[] {
  const { name, type, unit, knownWhen, group, description, owner } = column;
  return [
    `\`${name}\``,
    type,
    unit,
    Number.isNaN(column.default) ? "unknown" : String(column.default),
    knownWhen.replace("_", " "),
    group,
    owner === undefined ? description : `${description} (owner: ${owner})`,
  ];
}

function readerNames(view: FeatureView, services: readonly FeatureService[]): string {
  const names = readersOf(view, services).map((name) => `\`${name}\``);
  return names.join(", ") || "no service";
}

function hours(seconds: number): string {
  return `${seconds / 3600} h`;
}

function link(name: string): string {
  return `[${name}](#${name})`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
