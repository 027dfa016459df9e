import { type CalendarDate, calendarDateSchema, epochDay } from "@marquee/shared/contracts/time";
import { type DataFile, gzipped, madeFile } from "./data-file.ts";
import type { Film } from "./film.ts";

/** TMDB publishes adult films in a list of their own. */
export type ExportKind = "movie_ids" | "adult_movie_ids";

/** One of TMDB's daily files of ids (https://developer.themoviedb.org/docs/daily-id-exports). */
export interface DailyExport {
  kind: ExportKind;
  day: CalendarDate;
}

/** TMDB keeps them for three months. */
const KEPT_DAYS = 90;

const FILE_NAME = /^(movie_ids|adult_movie_ids)_(\d{2})_(\d{2})_(\d{4})\.json\.gz$/;

/** @param file such as `movie_ids_07_15_2026.json.gz`; undefined for any other name and for a day that does not exist */
export function dailyExport(file: string): DailyExport | undefined {
  const [, kind, month, date, year] = file.match(FILE_NAME) ?? [];
  const day = calendarDateSchema.safeParse(`${year}-${month}-${date}`).data;
  return kind === undefined || day === undefined ? undefined : { kind: kind as ExportKind, day };
}

/** Whether a day's file is there on `today`: from that day on for three months. */
export function isKept(day: CalendarDate, today: CalendarDate): boolean {
  const age = epochDay(today) - epochDay(day);
  return age >= 0 && age < KEPT_DAYS;
}

/** Every film of the kind, by id, a JSON object a line: those without a release date too. */
export function exportFile(kind: ExportKind, films: readonly Film[], observedAt: Date): DataFile {
  const adult = kind === "adult_movie_ids";
  return madeFile(() => {
    const listed = films.filter((film) => film.adult === adult).sort((a, b) => a.id - b.id);
    return gzipped(listed.map(exportLine).join(""));
  }, observedAt);
}

function exportLine({ adult, id, originalTitle, popularity, video }: Film): string {
  return `${JSON.stringify({ adult, id, original_title: originalTitle, popularity, video })}\n`;
}
