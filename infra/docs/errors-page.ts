/** One row of docs/errors.md. */
interface ErrorRow {
  code: string;
  statusCode: number;
  retriable: boolean;
  title: string;
  /** What a person should do about it. */
  advice: string;
}

/**
 * Reads the table of docs/errors.md: `| CODE in backticks | status | yes or no | meaning | what to do |`.
 * Cells may be padded.
 * @returns its rows in their order; lines of another form are left out
 */
export function parseErrorsPage(markdown: string): ErrorRow[] {
  return markdown.split("\n").flatMap((line) => {
    const row = /^\| `([A-Z_]+)` +\| (\d{3}) +\| (yes|no) +\| (.+?) +\| (.+?) +\|$/.exec(line);
    if (!row) return [];
    const [, code = "", status, again, title = "", advice = ""] = row;
    return [{ code, statusCode: Number(status), retriable: again === "yes", title, advice }];
  });
}
