import type { TmdbId } from "@marquee/shared/contracts/ids";
import type { CalendarDate } from "@marquee/shared/contracts/time";
import { type Film, type MovieFields, withFields } from "./film.ts";
import type { DeletedFilm } from "./film-set.ts";

/** What was done to films at TMDB since the set was loaded. A value: each edit gives another. */
export interface FilmEdits {
  readonly fields: ReadonlyMap<TmdbId, MovieFields>;
  readonly deleted: ReadonlyMap<TmdbId, DeletedFilm>;
}

export const NO_EDITS: FilmEdits = { fields: new Map(), deleted: new Map() };

/** Further fields of a film are changed; those of edits before stay. */
export function withEdit(edits: FilmEdits, id: TmdbId, fields: MovieFields): FilmEdits {
  return { ...edits, fields: new Map(edits.fields).set(id, { ...edits.fields.get(id), ...fields }) };
}

export function withDeletion(edits: FilmEdits, id: TmdbId, changedOn: CalendarDate): FilmEdits {
  return { ...edits, deleted: new Map(edits.deleted).set(id, { id, changedOn }) };
}

/** The film after the edits; undefined where it is deleted. */
export function editedFilm(film: Film, { fields, deleted }: FilmEdits): Film | undefined {
  if (deleted.has(film.id)) return undefined;
  const changed = fields.get(film.id);
  return changed ? withFields(film, changed) : film;
}

/** Films that are new or look otherwise than before have changed today. */
export function markChanges(
  films: readonly Film[],
  before: { film(id: number): Film | undefined },
  today: CalendarDate,
): Film[] {
  return films.map((film) => {
    const known = before.film(film.id);
    return { ...film, changedOn: known?.details.equals(film.details) ? known.changedOn : today };
  });
}
