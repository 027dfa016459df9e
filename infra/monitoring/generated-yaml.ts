import { stringify } from "yaml";

/** A document as YAML, with its origin said on top. */
export function generatedYaml(madeFrom: string, document: object): string {
  const origin = `# Made from ${madeFrom} by "npm run monitoring": change it there.\n`;
  // Lines are not folded: expressions are to be copied as they are.
  return origin + stringify(document, { lineWidth: 0 });
}
