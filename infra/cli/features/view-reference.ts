import { InvalidArgumentError } from "commander";

/** A feature view as it is named on the command line; the version is up to the command unless given. */
export interface ViewReference {
  name: string;
  version: number | undefined;
}

/** `film_metadata` or `film_metadata@2`. */
export function parseViewReference(text: string): ViewReference {
  const [, name, version] = /^([a-z]\w*)(?:@([1-9]\d{0,5}))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(
      "It must be a feature view, such as film_metadata, or one version: film_metadata@2.",
    );
  }
  return { name, version: version === undefined ? undefined : Number(version) };
}
