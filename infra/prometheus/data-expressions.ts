/**
 * Expressions over what the workers tell of the data, shared by alerts and panels. Every worker reads it from the same
 * database, so of several the largest counts, never the sum.
 */

/** A request that ended so was answered; a film that is gone is an answer too. */
const ANSWERED = "ok|unchanged|not_found";

const requests = (matcher: string) => {
  const series = `marquee_source_requests_total${matcher}`;
  const latest = `max by (source, outcome) (${series})`;
  // Exactly what is new: `increase` misses the first request that ends in a new way, and a refused key is one request a
  // day. A series that was not there an hour ago counts as a whole.
  return `sum by (source) ((${latest} - max by (source, outcome) (${series} offset 1h) >= 0) or ${latest})`;
};

/** Of the requests of an hour those that were not answered, 0 to 1, by source; no number where none were made. */
export const FAILED_REQUEST_SHARE = `(${requests(`{outcome!~"${ANSWERED}"}`)} or 0 * ${requests("")}) / ${requests("")}`;

const quarantined = (offset: string) =>
  `sum by (source) (max by (source, reason) (marquee_quarantine_rows${offset ? ` offset ${offset}` : ""}))`;

/**
 * Rows that came into quarantine within a day, by source. Without any there is no series, so what was not there yesterday
 * was none; only where the workers told nothing at all a day ago nothing is said.
 */
export const QUARANTINE_GROWTH = `(${quarantined("")} - (${quarantined("1d")} or 0 * ${quarantined("")}) and on () count(marquee_quality_verdict offset 1d))`;

/** Seconds since a run of the pipeline last succeeded. */
export const sinceSuccess = (pipeline: string) =>
  `time() - max(marquee_pipeline_last_success_timestamp_seconds{pipeline="${pipeline}"})`;
