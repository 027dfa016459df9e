/** As much of a manifest as says how old it is and what it names. */
export interface Fetch {
  /** The manifest's own key. */
  key: string;
  objectKey: string;
  /** ISO 8601. */
  fetchedAt: string;
}

/** An object of the archive with those of its manifests whose time is up. */
export interface ExpiredObject {
  objectKey: string;
  /** A manifest that is kept names it too, so it stays. */
  kept: boolean;
  manifestKeys: string[];
}

/**
 * Which fetches are older than what is kept, by object: content that comes again is stored once, and named by each fetch.
 * @param fetches whose time may be up
 * @param others fetches that are kept whatever their age, and the objects that they name
 * @param keptFrom undefined: for ever
 */
export function expiredFetches(
  fetches: readonly Fetch[],
  others: readonly Pick<Fetch, "objectKey">[],
  keptFrom: Date | undefined,
): ExpiredObject[] {
  if (keptFrom === undefined) return [];
  const isOld = ({ fetchedAt }: Fetch) => Date.parse(fetchedAt) < keptFrom.getTime();
  const stillNamed = new Set(
    [...fetches.filter((fetch) => !isOld(fetch)), ...others].map(({ objectKey }) => objectKey),
  );
  return [...Map.groupBy(fetches.filter(isOld), ({ objectKey }) => objectKey)].map(([objectKey, ofObject]) => ({
    objectKey,
    kept: stillNamed.has(objectKey),
    manifestKeys: ofObject.map(({ key }) => key),
  }));
}
