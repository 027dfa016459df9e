/** The text without what PostgreSQL's text cannot hold: U+0000 is left out, half of a surrogate pair becomes U+FFFD. */
export function storableText(text: string): string {
  return text.includes("\0") || !text.isWellFormed() ? text.replaceAll("\0", "").toWellFormed() : text;
}

/** JSON for a column of type jsonb, without the escapes that it refuses. */
export function storableJson(value: unknown): string {
  // JSON.stringify writes a surrogate as an escape only where it is half a pair. An even number of backslashes before
  // the escape are themselves escaped.
  return JSON.stringify(value).replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gu, "$1");
}
