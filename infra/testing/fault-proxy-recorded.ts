import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findInput } from "@marquee/shared/testing/inputs";
import type { PlannedAnswer } from "./fault-proxy-plan.ts";

/** The HTTP statuses of TMDB's own codes (https://developer.themoviedb.org/docs/errors), of those that were recorded. */
const HTTP_STATUS: Record<number, number> = { 1: 200, 7: 401, 8: 403, 12: 201, 18: 400, 20: 422, 30: 401, 34: 404 };

export interface RecordedAnswer extends PlannedAnswer {
  /** TMDB's. */
  code: number;
  /** Its name among the inputs. */
  file: string;
}

/** TMDB's status bodies as they were recorded, for a plan to answer with; none where the inputs are not there. */
export function recordedAnswers(): RecordedAnswer[] {
  const folder = findInput("data/tmdb-api/status", "tests with recorded error bodies");
  if (folder === undefined) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const body = readFileSync(join(folder, file));
      const { status_code: code } = JSON.parse(body.toString()) as { status_code: number };
      return { code, file, status: HTTP_STATUS[code] ?? 400, body };
    });
}
