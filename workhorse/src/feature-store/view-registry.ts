import type { Database, Queries } from "@marquee/shared/backing/postgres/database";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { answersOf, hashViews, viewDefinition } from "@marquee/shared/features/view-hash";
import { MarqueeError } from "@marquee/shared/service/errors";
import { canonicalJson, sha256 } from "@marquee/shared/service/ids";
import { describeDifference, diffViews, registeredDefinitionSchema, type ViewMeaning } from "./view-difference.ts";

/** Hexadecimal; they only tell which column has changed, the view's whole hash tells that something has. */
const ANSWER_DIGITS = 16;

/** Who registers views, when, and by which release. */
export interface Registrar {
  at: Date;
  by: string;
  release: string;
}

/** A version of a view as the registry keeps it. */
export interface RegisteredView extends ViewMeaning {
  name: string;
  registeredAt: Date;
  registeredBy: string;
  /** Null for those that an earlier release registered. */
  release: string | null;
}

/**
 * Registers the versions that are new, all or none. Of processes that start at once one registers, and the others find
 * it done.
 *
 * What is accepted of a view, besides what is registered already: a version above the newest. A lower one must be
 * registered with the same meaning, as an older release has it that runs beside a newer one; one that was skipped or
 * comes from elsewhere is refused, since its number says that it came before what it has never seen.
 * @throws FEATURE_VIEW_CHANGED naming each view that changed without a new version, what changed, and which version to give
 */
export async function registerViews(
  database: Database,
  views: readonly FeatureView[],
  registrar: Registrar,
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('feature-views', 0))");
    const registered = Map.groupBy(await listViews(tx), ({ name }) => name);
    const problems: string[] = [];
    for (const view of views) {
      const meaning = meaningOf(view);
      const verdict = judgeVersion(view.name, meaning, registered.get(view.name) ?? []);
      if (verdict === "new") await insertView(tx, view.name, meaning, registrar);
      else if (verdict === "registered") await updateWords(tx, view.name, meaning);
      else problems.push(verdict.problem);
    }
    if (problems.length > 0)
      throw new MarqueeError("FEATURE_VIEW_CHANGED", problems.join("\n"), { details: { problems } });
  });
}

/** This release's version of a view, as it would be registered: each column with what stands for its answers. */
export function meaningOf(view: FeatureView): ViewMeaning {
  const definition = viewDefinition(view);
  const answers = answersOf(view);
  const columns = definition.columns.map((column, i) => ({
    ...column,
    answers: sha256(canonicalJson(answers.map((row) => row[i]))).slice(0, ANSWER_DIGITS),
  }));
  return {
    version: view.version,
    hash: hashViews([view]),
    definition: registeredDefinitionSchema.parse({ ...definition, columns }),
  };
}

/** @param registered versions of the view, ascending */
export function judgeVersion(
  name: string,
  meaning: ViewMeaning,
  registered: readonly ViewMeaning[],
): "new" | "registered" | { problem: string } {
  const newest = registered.at(-1)?.version ?? 0;
  const same = registered.find(({ version }) => version === meaning.version);
  if (same?.hash === meaning.hash) return "registered";
  const advice = `Give it version ${Math.max(newest, meaning.version) + 1}.`;
  if (same) {
    const changes = diffViews(same, meaning).map(describeDifference).join("; ");
    return {
      problem: `The feature view ${name} changed and is still version ${meaning.version}: ${changes}. ${advice}`,
    };
  }
  if (meaning.version > newest) return "new";
  const key = viewKey({ name, version: meaning.version });
  return {
    problem: `The feature view ${key} was never registered, and ${viewKey({ name, version: newest })} was already: versions go up. ${advice}`,
  };
}

async function insertView(
  tx: Queries,
  name: string,
  { version, hash, definition }: ViewMeaning,
  { at, by, release }: Registrar,
): Promise<void> {
  await tx.execute(
    `insert into feature_views (name, version, hash, definition, registered_at, registered_by, release)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [name, version, hash, JSON.stringify(definition), at, by, release],
  );
}

/** Descriptions, owners and sources may be put better without a new version: the latest are kept. */
async function updateWords(tx: Queries, name: string, { version, definition }: ViewMeaning): Promise<void> {
  await tx.execute(
    "update feature_views set definition = $3 where name = $1 and version = $2 and definition is distinct from $3::jsonb",
    [name, version, JSON.stringify(definition)],
  );
}

/** Every version of a view, ascending; none where there is no such view. */
export async function viewHistory(database: Queries, name: string): Promise<RegisteredView[]> {
  return (await listViews(database)).filter((view) => view.name === name);
}

interface ViewRow {
  name: string;
  version: number;
  hash: string;
  definition: unknown;
  registered_at: Date;
  registered_by: string;
  release: string | null;
}

/** Every version of every view, by name and ascending: dozens of rows. */
export async function listViews(database: Queries): Promise<RegisteredView[]> {
  const rows = await database.query<ViewRow>(
    "select name, version, hash, definition, registered_at, registered_by, release from feature_views order by name, version",
  );
  return rows.map(({ definition, registered_at, registered_by, ...row }) => ({
    ...row,
    definition: registeredDefinitionSchema.parse(definition),
    registeredAt: registered_at,
    registeredBy: registered_by,
  }));
}
