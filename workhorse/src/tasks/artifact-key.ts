/** Where a model's files lie in the object store: named by their content, so equal models are stored once. */
export function artifactKeyOf(artifactSha256: string): string {
  return `models/rating/${artifactSha256}`;
}
