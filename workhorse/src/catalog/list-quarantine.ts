import type { Queries } from "@marquee/shared/backing/postgres/database";

export interface QuarantineFilter {
  source?: "tmdb" | "imdb" | undefined;
  reason?: string | undefined;
}

export interface QuarantinePage extends QuarantineFilter {
  /** Rows of a page. */
  limit: number;
  /** Rows before it; 0 unless given. */
  offset?: number;
  /** With what was refused itself, which may be large; without unless given. */
  payload?: boolean;
}

/** How much there is of a reason. */
export interface QuarantineCount {
  source: "tmdb" | "imdb";
  reason: string;
  rows: number;
  firstSeen: Date;
  lastSeen: Date;
}

export interface QuarantineRow {
  source: "tmdb" | "imdb";
  sourceId: string;
  reason: string;
  /** What is wrong, in words. */
  detail: string;
  /** The archive's fetch that it came with; null for rows of an earlier release. */
  manifestKey: string | null;
  timesSeen: number;
  firstSeen: Date;
  lastSeen: Date;
  /** As it came; only where it was asked for. */
  payload?: unknown;
}

/** What could not be taken into the catalog: how much for which reason, and a page of it, the latest first. */
export async function listQuarantine(
  queries: Queries,
  { source, reason, limit, offset = 0, payload = false }: QuarantinePage,
): Promise<{ counts: QuarantineCount[]; rows: QuarantineRow[] }> {
  const filter = [source ?? null, reason ?? null];
  const counts = await queries.query<QuarantineCount>(
    `select source, reason, count(*)::integer as rows, min(first_seen) as "firstSeen", max(last_seen) as "lastSeen"
     from quarantine where ${MATCHES} group by source, reason order by source, reason`,
    filter,
  );
  const rows = await queries.query<QuarantineRow>(
    `select source, source_id as "sourceId", reason, detail, manifest_key as "manifestKey", times_seen as "timesSeen",
            first_seen as "firstSeen", last_seen as "lastSeen"${payload ? ", payload" : ""}
     from quarantine where ${MATCHES} order by last_seen desc, source, reason, source_id limit $3 offset $4`,
    [...filter, limit, offset],
  );
  return { counts, rows };
}

const MATCHES = "($1::text is null or source = $1) and ($2::text is null or reason = $2)";
