import { instantSchema } from "@marquee/shared/contracts/time";
import { z } from "zod";

/** Raised when a reader of today could misread what a later release writes. */
export const BACKUP_FORMAT = 1;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const tableSchema = z.strictObject({
  name: z.string(),
  /** Those that are stored; PostgreSQL computes the others. */
  columns: z.array(z.string()),
  rows: z.int().min(0),
  /** Of the text that `copy` gives, in the order of the primary key: its length and its hash. */
  bytes: z.int().min(0),
  sha256: sha256Schema,
  /** Of the object, compressed. */
  storedBytes: z.int().min(0),
  /** Of a partition: its table, and its bound as SQL says it. */
  partition: z.strictObject({ of: z.string(), bound: z.string() }).optional(),
});
export type BackedUpTable = z.infer<typeof tableSchema>;

const modelSchema = z.strictObject({
  /** The artifact's identity, which is its folder's name too. */
  sha256: sha256Schema,
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int().min(0), sha256: sha256Schema })),
});
export type BackedUpModel = z.infer<typeof modelSchema>;

const migrationSchema = z.strictObject({ version: z.int().positive(), name: z.string(), hash: z.string() });
export type BackedUpMigration = z.infer<typeof migrationSchema>;

const sequenceSchema = z.strictObject({
  name: z.string(),
  /** Digits: a sequence may pass what a number holds. */
  lastValue: z.string().regex(/^-?\d+$/),
  /** False where the last value is the next one to be given. */
  called: z.boolean(),
});
export type BackedUpSequence = z.infer<typeof sequenceSchema>;

/** What a backup holds. Written last: a backup without it was not finished. */
const manifestSchema = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  name: z.string(),
  takenAt: instantSchema,
  /** Of Marquee. */
  release: z.string(),
  postgresVersion: z.string(),
  /** All that had run, in their order. */
  migrations: z.array(migrationSchema).min(1),
  /** In the order in which they are to be restored: each after those that its foreign keys point to. */
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema),
  models: z.array(modelSchema),
  /** Registered, and not in the object store any more when the backup was taken. */
  missingModels: z.array(sha256Schema),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

/** @returns what is wrong with it, in words, where it is not a manifest that this release reads */
export function decodeManifest(json: string): { manifest: BackupManifest } | { problem: string } {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return { problem: "its manifest is not JSON" };
  }
  const format = z.object({ format: z.int() }).safeParse(content);
  if (format.success && format.data.format !== BACKUP_FORMAT) {
    return { problem: `its manifest has format ${format.data.format}, and this release reads format ${BACKUP_FORMAT}` };
  }
  const parsed = manifestSchema.safeParse(content);
  return parsed.success
    ? { manifest: parsed.data }
    : { problem: `its manifest does not have its form: ${z.prettifyError(parsed.error)}` };
}

export interface BackupSize {
  rows: number;
  /** Uncompressed, models included. */
  bytes: number;
  /** In the store, models included: of these several backups share the objects. */
  storedBytes: number;
}

export function sizeOf({ tables, models }: Pick<BackupManifest, "tables" | "models">): BackupSize {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const ofModels = sum(models.flatMap(({ files }) => files.map(({ bytes }) => bytes)));
  return {
    rows: sum(tables.map(({ rows }) => rows)),
    bytes: sum(tables.map(({ bytes }) => bytes)) + ofModels,
    storedBytes: sum(tables.map(({ storedBytes }) => storedBytes)) + ofModels,
  };
}
