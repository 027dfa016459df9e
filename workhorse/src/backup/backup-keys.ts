/** Everything of backups lies below it. */
const ROOT = "backups/";
/** What several backups share: models never change, so each is stored once. */
const MODELS = `${ROOT}models/`;
const NAME = /^(\d{4}-\d{2}-\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** A backup is named by the second in which it was begun: 2026-11-21T033000Z, as a key may hold it. */
export function backupNameOf(begun: Date): string {
  return begun
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "");
}

/** @returns undefined where the name is none of a backup */
export function begunAt(name: string): Date | undefined {
  const [, day, hours, minutes, seconds] = NAME.exec(name) ?? [];
  if (day === undefined) return undefined;
  const begun = new Date(`${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(begun.getTime()) ? undefined : begun;
}

/** Where the objects lie: `backups/NAME/TABLE.copy.gz`, `backups/NAME/manifest.json`, `backups/models/SHA256/FILE`. */
export const backupKeys = {
  root: ROOT,
  models: MODELS,
  folder: (name: string) => `${ROOT}${name}/`,
  manifest: (name: string) => `${ROOT}${name}/manifest.json`,
  table: (name: string, table: string) => `${ROOT}${name}/${asKey(table)}.copy.gz`,
  model: (modelSha256: string, file: string) => `${MODELS}${modelSha256}/${file}`,
  /** Which model an object below `models` is of. */
  modelOf: (key: string) => key.slice(MODELS.length).split("/")[0] ?? "",
  /** Which backup an object below `root` is of, or what else stands at its place. */
  nameOf: (key: string) => key.slice(ROOT.length).split("/")[0] ?? "",
};

/** Keys may not hold every character, nor differ in case alone: what is unusual in a table's name stands as `=` and hexadecimal bytes. */
function asKey(table: string): string {
  return table.replace(/[^a-z0-9_]/gu, (character) => `=${Buffer.from(character).toString("hex")}`);
}
