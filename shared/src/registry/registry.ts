import type { Database, Queries } from "../backing/postgres/database.ts";
import { type ModelAlias, type ModelVersion, modelVersionSchema } from "../contracts/model-version.ts";
import type { Instant } from "../contracts/time.ts";
import type { Clock } from "../service/clock.ts";
import { MarqueeError } from "../service/errors.ts";

/** How many moves the history tells, the latest first. */
const MOVES_TOLD = 100;

/** A model version under an alias, and how it came there. */
export interface AliasedVersion {
  version: ModelVersion;
  since: Instant;
  movedBy: string;
  reason: string;
}

/** One move of an alias. `from` is undefined for its first. */
export interface AliasMove {
  alias: ModelAlias;
  from: number | undefined;
  to: number;
  movedBy: string;
  reason: string;
  /** The metrics that the decision was made by. */
  metrics: Record<string, unknown>;
  movedAt: Instant;
}

export interface MoveRequest {
  name: string;
  alias: ModelAlias;
  /** The version that the alias is to point to. */
  to: number;
  /** Who moves it: a person's name, or the part of the product that decided. */
  by: string;
  reason: string;
  metrics: object;
  /** Given, the alias is moved only where it still points to this version (null: to none). */
  onlyFrom?: number | null;
}

/** A version that was champion once, and the move that took its place. */
export interface FormerChampion {
  version: number;
  movedBy: string;
  reason: string;
}

/**
 * The model registry. Versions never change; aliases move, and each move is kept with who, when, why and the metrics of
 * that moment. PostgreSQL is the truth.
 */
export interface Registry {
  /** Gives the run's artifact the next version number; a run that is registered again keeps the one it has. */
  registerVersion(version: Omit<ModelVersion, "version" | "registeredAt">): Promise<ModelVersion>;
  /** @throws VERSION_UNKNOWN */
  getVersion(name: string, version: number): Promise<ModelVersion>;
  /** All versions, the latest first. */
  listVersions(name: string): Promise<ModelVersion[]>;
  /** Which version each alias points to; an alias that was never moved is absent. */
  aliases(name: string): Promise<Partial<Record<ModelAlias, number>>>;
  /** What the alias points to and how it came there; undefined where it was never moved. */
  currentOf(name: string, alias: ModelAlias): Promise<AliasedVersion | undefined>;
  /** The latest 100 moves, the latest first. */
  moves(name: string): Promise<AliasMove[]>;
  /** The move by which `by` first made the version champion or challenger; undefined while there was none. */
  firstMoveOf(name: string, version: number, by: string): Promise<AliasMove | undefined>;
  /**
   * The version of exactly this artifact that was champion and is not any more, with the latest move away from it;
   * undefined where there is none.
   */
  formerChampion(name: string, artifactSha256: string): Promise<FormerChampion | undefined>;
  /**
   * Points the alias to a version; moving `champion` leaves `previous` on the champion before it.
   * @returns false where nothing was changed: the alias points there already, or not to `onlyFrom` any more
   * @throws VERSION_UNKNOWN
   */
  moveAlias(move: MoveRequest): Promise<boolean>;
}

export function createRegistry(database: Database, clock: Clock): Registry {
  return {
    registerVersion: (version) => database.transaction((tx) => registerVersion(tx, clock, version)),
    getVersion: (name, version) => getVersion(database, name, version),
    listVersions: (name) => listVersions(database, name),
    aliases: (name) => aliases(database, name),
    currentOf: (name, alias) => currentOf(database, name, alias),
    moves: (name) => moves(database, name),
    firstMoveOf: (name, version, by) => firstMoveOf(database, name, version, by),
    formerChampion: (name, artifactSha256) => formerChampion(database, name, artifactSha256),
    moveAlias: (move) => database.transaction((tx) => moveAlias(tx, clock, move)),
  };
}

const VERSION_COLUMNS = "model_name, version, run_id, artifact_key, artifact_sha256, metrics, registered_at";

interface VersionRow {
  model_name: string;
  version: number;
  run_id: string;
  artifact_key: string;
  artifact_sha256: string;
  metrics: unknown;
  registered_at: Date;
}

function versionOf(row: VersionRow): ModelVersion {
  return modelVersionSchema.parse({
    name: row.model_name,
    version: row.version,
    runId: row.run_id,
    artifactKey: row.artifact_key,
    artifactSha256: row.artifact_sha256,
    metrics: row.metrics,
    registeredAt: row.registered_at.toISOString(),
  });
}

function instant(time: Date): Instant {
  return time.toISOString() as Instant;
}

/**
 * Writers of one model's registry wait for each other until the end of the transaction. Version numbers then have no
 * gaps, and a move sees the alias as the move before left it. Readers wait for nobody.
 */
async function lockModel(tx: Queries, name: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('registry:' || $1::text, 0))", [name]);
}

async function registerVersion(
  tx: Queries,
  clock: Clock,
  version: Omit<ModelVersion, "version" | "registeredAt">,
): Promise<ModelVersion> {
  await lockModel(tx, version.name);
  const [known] = await tx.query<VersionRow>(`select ${VERSION_COLUMNS} from model_versions where run_id = $1`, [
    version.runId,
  ]);
  if (known) return versionOf(known);
  const [row] = await tx.query<VersionRow>(
    `insert into model_versions (${VERSION_COLUMNS})
     select $1::text, coalesce(max(version), 0) + 1, $2::uuid, $3::text, $4::text, $5::jsonb, $6::timestamptz from model_versions where model_name = $1
     returning ${VERSION_COLUMNS}`,
    [
      version.name,
      version.runId,
      version.artifactKey,
      version.artifactSha256,
      JSON.stringify(version.metrics),
      clock.now(),
    ],
  );
  if (!row) throw new MarqueeError("INTERNAL", "The database returned no row for an inserted model version.");
  return versionOf(row);
}

async function getVersion(db: Queries, name: string, version: number): Promise<ModelVersion> {
  const [row] = await db.query<VersionRow>(
    `select ${VERSION_COLUMNS} from model_versions where model_name = $1 and version = $2`,
    [name, version],
  );
  if (!row) throw new MarqueeError("VERSION_UNKNOWN", `The model ${name} has no version ${version}.`);
  return versionOf(row);
}

async function listVersions(db: Queries, name: string): Promise<ModelVersion[]> {
  const rows = await db.query<VersionRow>(
    `select ${VERSION_COLUMNS} from model_versions where model_name = $1 order by version desc`,
    [name],
  );
  return rows.map(versionOf);
}

async function aliases(db: Queries, name: string): Promise<Partial<Record<ModelAlias, number>>> {
  const rows = await db.query<{ alias: ModelAlias; version: number }>(
    "select alias, version from model_aliases where model_name = $1 order by alias",
    [name],
  );
  return Object.fromEntries(rows.map(({ alias, version }) => [alias, version]));
}

async function currentOf(db: Queries, name: string, alias: ModelAlias): Promise<AliasedVersion | undefined> {
  // The alias' row and its latest move are written together, so the latest move is the one that made the row.
  const [row] = await db.query<VersionRow & { moved_at: Date; moved_by: string; reason: string }>(
    `select v.*, m.moved_at, m.moved_by, m.reason
     from model_aliases a
     join model_versions v using (model_name, version)
     join lateral (
       select moved_at, moved_by, reason from model_alias_moves
       where model_name = a.model_name and alias = a.alias
       order by move_id desc limit 1
     ) m on true
     where a.model_name = $1 and a.alias = $2`,
    [name, alias],
  );
  return row && { version: versionOf(row), since: instant(row.moved_at), movedBy: row.moved_by, reason: row.reason };
}

const MOVE_COLUMNS = "alias, from_version, to_version, moved_by, reason, metrics, moved_at";

interface MoveRow {
  alias: ModelAlias;
  from_version: number | null;
  to_version: number;
  moved_by: string;
  reason: string;
  metrics: Record<string, unknown>;
  moved_at: Date;
}

function moveOf(row: MoveRow): AliasMove {
  return {
    alias: row.alias,
    from: row.from_version ?? undefined,
    to: row.to_version,
    movedBy: row.moved_by,
    reason: row.reason,
    metrics: row.metrics,
    movedAt: instant(row.moved_at),
  };
}

async function moves(db: Queries, name: string): Promise<AliasMove[]> {
  const rows = await db.query<MoveRow>(
    `select ${MOVE_COLUMNS} from model_alias_moves where model_name = $1 order by move_id desc limit ${MOVES_TOLD}`,
    [name],
  );
  return rows.map(moveOf);
}

async function firstMoveOf(db: Queries, name: string, version: number, by: string): Promise<AliasMove | undefined> {
  const [row] = await db.query<MoveRow>(
    `select ${MOVE_COLUMNS} from model_alias_moves
     where model_name = $1 and to_version = $2 and moved_by = $3 and alias in ('champion', 'challenger')
     order by move_id limit 1`,
    [name, version, by],
  );
  return row && moveOf(row);
}

async function formerChampion(db: Queries, name: string, artifactSha256: string): Promise<FormerChampion | undefined> {
  const [row] = await db.query<{ version: number; moved_by: string; reason: string }>(
    `select v.version, m.moved_by, m.reason
     from model_versions v
     join model_alias_moves m on m.model_name = v.model_name and m.alias = 'champion' and m.from_version = v.version
     where v.model_name = $1 and v.artifact_sha256 = $2
       and not exists (
         select from model_aliases a where a.model_name = $1 and a.alias = 'champion' and a.version = v.version
       )
     order by m.move_id desc limit 1`,
    [name, artifactSha256],
  );
  return row && { version: row.version, movedBy: row.moved_by, reason: row.reason };
}

async function moveAlias(tx: Queries, clock: Clock, move: MoveRequest): Promise<boolean> {
  await lockModel(tx, move.name);
  await getVersion(tx, move.name, move.to);
  const before = (await aliases(tx, move.name))[move.alias];
  if (before === move.to) return false;
  if (move.onlyFrom !== undefined && move.onlyFrom !== (before ?? null)) return false;
  await writeMove(tx, clock.now(), move, before);
  if (move.alias === "champion" && before !== undefined) await keepPrevious(tx, clock, move, before);
  return true;
}

async function keepPrevious(tx: Queries, clock: Clock, move: MoveRequest, champion: number): Promise<void> {
  const { metrics } = await getVersion(tx, move.name, champion);
  await moveAlias(tx, clock, {
    name: move.name,
    alias: "previous",
    to: champion,
    by: move.by,
    reason: `Champion until version ${move.to} took its place.`,
    metrics,
  });
}

async function writeMove(tx: Queries, now: Date, move: MoveRequest, before: number | undefined): Promise<void> {
  await tx.execute(
    `insert into model_aliases (model_name, alias, version, moved_at) values ($1, $2, $3, $4)
     on conflict (model_name, alias) do update set version = excluded.version, moved_at = excluded.moved_at`,
    [move.name, move.alias, move.to, now],
  );
  await tx.execute(
    `insert into model_alias_moves (model_name, alias, from_version, to_version, moved_by, reason, metrics, moved_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [move.name, move.alias, before ?? null, move.to, move.by, move.reason, JSON.stringify(move.metrics), now],
  );
}
