/** TMDB's words for what went wrong, by its own status codes (https://developer.themoviedb.org/docs/errors). */
const TMDB_STATUS = {
  5: { http: 422, message: "Invalid parameters: Your request parameters are incorrect." },
  7: { http: 401, message: "Invalid API key: You must be granted a valid key." },
  11: { http: 500, message: "Internal error: Something went wrong, contact TMDB." },
  20: { http: 422, message: "Invalid date range: Should be a range no longer than 14 days." },
  22: { http: 400, message: "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer." },
  23: { http: 400, message: "Invalid date: Format needs to be YYYY-MM-DD." },
  25: { http: 429, message: "Your request count (#) is over the allowed limit of (40)." },
  27: { http: 400, message: "Too many append to response objects: The maximum number of remote calls is 20." },
  34: { http: 404, message: "The resource you requested could not be found." },
} as const;

export type TmdbStatusCode = keyof typeof TMDB_STATUS;

/** A refusal as TMDB answers it. */
export interface TmdbRefusal {
  http: number;
  body: { success: false; status_code: TmdbStatusCode; status_message: string };
}

export function tmdbRefusal(code: TmdbStatusCode, message?: string): TmdbRefusal {
  const status = TMDB_STATUS[code];
  return {
    http: status.http,
    body: { success: false, status_code: code, status_message: message ?? status.message },
  };
}

/** Status 25 with the caller's own numbers. */
export function rateLimitRefusal(count: number, limit: number): TmdbRefusal {
  return tmdbRefusal(25, `Your request count (${count}) is over the allowed limit of (${limit}).`);
}
