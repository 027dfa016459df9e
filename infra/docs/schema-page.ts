import type { ColumnDescription, TableDescription } from "@marquee/shared/backing/postgres/describe-schema";

/** The layers in the order in which data goes through them, with what they hold. */
const LAYERS: Readonly<Record<string, string>> = {
  bronze: "what has been collected from the sources, and how far. The raw payloads themselves lie in the object store",
  silver: "the catalog: what the payloads say, typed and cleaned",
  gold: "features",
  registry: "models",
  runs: "what ran, and what it was worth",
  pipelines: "what the scheduler runs",
  events: "what users and services did",
};

const HEAD = `# Schema

Every table of the database: columns, types, units, what null says, and where each value comes from. Made from the database itself, whose comments come with the migrations in \`shared/migrations\`; a test compares this page with it. Renew it: \`npx vitest run --project embedded infra/docs/schema-page --update\`.

Types are PostgreSQL's. "null: no" means that the database refuses a row without it. Sources are written as in their documentation: a path in a TMDB body, a column of an IMDb file. A column without a source is our own.
`;

/** docs/schema.md. */
export function schemaPage(tables: readonly TableDescription[]): string {
  const sections = Object.entries(LAYERS).map(([layer, holds]) => {
    const own = tables.filter((table) => table.layer === layer);
    return [`## ${layer}`, `${capital(holds)}.`, ...own.map(tableSection)].join("\n\n");
  });
  return `${[HEAD.trimEnd(), contents(tables), ...sections].join("\n\n")}\n`;
}

function contents(tables: readonly TableDescription[]): string {
  return Object.keys(LAYERS)
    .map((layer) => {
      const links = tables.filter((table) => table.layer === layer).map(({ name }) => `[${name}](#${name})`);
      return `- ${layer}: ${links.join(" · ")}`;
    })
    .join("\n");
}

function tableSection({ name, kind, purpose, primaryKey, columns }: TableDescription): string {
  const key = primaryKey.length > 0 ? ` Key: ${primaryKey.map((column) => `\`${column}\``).join(", ")}.` : "";
  const rows = columns.map((column) => columnRow(column, kind));
  return [
    `### ${name}`,
    `${kind === "view" ? "A view. " : ""}${purpose}${key}`,
    ["| Column | Type | Null | What it holds | From |", "|---|---|---|---|---|", ...rows].join("\n"),
  ].join("\n\n");
}

/** PostgreSQL does not know of a view's columns whether they can be null. */
function columnRow(
  { name, type, nullable, meaning, source }: ColumnDescription,
  kind: TableDescription["kind"],
): string {
  const canBeNull = kind === "view" ? "" : nullable ? "yes" : "no";
  return `| \`${name}\` | ${type} | ${canBeNull} | ${cell(meaning)} | ${cell(source)} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
