import { z } from "zod";

/** A body as it came, with the path and query that it answers, without the key. */
export interface ArchivedBody {
  path: string;
  body: string;
  /** The answer's HTTP status; absent: 200. A 404 is kept as a tombstone, so that a rebuild knows of it. */
  status?: number;
}

const bodySchema = z
  .strictObject({ path: z.string(), body: z.string(), status: z.int().optional() })
  .transform(({ path, body, status }): ArchivedBody => ({ path, body, ...(status === undefined ? {} : { status }) }));

/** A JSON object a line. */
export function bodiesText(bodies: readonly ArchivedBody[]): string {
  return bodies.map(({ path, body, status }) => `${JSON.stringify({ path, body, status })}\n`).join("");
}

export function parseBodies(text: string): ArchivedBody[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => bodySchema.parse(JSON.parse(line)));
}
