import type { TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { MovieFields } from "./film.ts";
import { editedFilm, type FilmEdits, markChanges, NO_EDITS, withDeletion, withEdit } from "./film-edits.ts";
import { createFilmSet, type FilmSet, followingSet } from "./film-set.ts";
import { IMDB_FILE_NAMES } from "./imdb-file.ts";
import { countRated, imdbIdsOf, ratedIds } from "./rated-ids.ts";

/** What an edit or a deletion did, as `/control` answers it. */
export interface EditState {
  tmdbId: TmdbId;
  /** The day on which TMDB's changes list it. */
  changedOn: CalendarDate;
  /** Films that TMDB lists now. */
  films: number;
}

/** A set whose films can be edited and deleted at TMDB; IMDb's files stay as they are. */
export interface EditableFilms {
  /** The set as it is now. */
  readonly films: FilmSet;
  /** @throws FILM_UNKNOWN for a film that TMDB does not list now */
  edit(id: TmdbId, fields: MovieFields): EditState;
  /** @throws FILM_UNKNOWN for a film that TMDB does not list now */
  remove(id: TmdbId): EditState;
}

export interface EditableFilmsOptions {
  films: FilmSet;
  /** Tells the day of a change. */
  clock: Clock;
}

export async function createEditableFilms({ films: whole, clock }: EditableFilmsOptions): Promise<EditableFilms> {
  const all = whole.inOrder({ field: "primary_release_date", direction: "asc" });
  const rated = await ratedIds(whole.imdbFile("title.ratings"), imdbIdsOf(all));
  const imdbFiles = Object.fromEntries(IMDB_FILE_NAMES.map((name) => [name, whole.imdbFile(name)]));
  let present = whole;
  const films = followingSet(() => present);
  const show = (edits: FilmEdits): void => {
    const edited = all.flatMap((film) => editedFilm(film, edits) ?? []);
    const listed = markChanges(edited, present, dayOf(clock.now()));
    present = createFilmSet({
      name: whole.name,
      description: whole.description,
      films: listed,
      rated: countRated(listed, rated),
      imdbFiles,
      observedAt: clock.now(),
      deleted: [...edits.deleted.values()],
      revision: present.revision + 1,
    });
  };
  return { films, ...editing({ films, clock, show }) };
}

export interface EditingOptions {
  films: FilmSet;
  clock: Clock;
  /** Shows the films after the edits. */
  show(edits: FilmEdits): void;
}

/** The two verbs over films that are shown anew after each. */
export function editing({ films, clock, show }: EditingOptions): Pick<EditableFilms, "edit" | "remove"> {
  let edits = NO_EDITS;
  const change = (id: TmdbId, after: (today: CalendarDate) => FilmEdits): EditState => {
    if (!films.film(id)) throw new MarqueeError("FILM_UNKNOWN", `The sandbox lists no film ${id} now.`);
    const changedOn = dayOf(clock.now());
    edits = after(changedOn);
    show(edits);
    return { tmdbId: id, changedOn, films: films.size };
  };
  return {
    edit: (id, fields) => change(id, () => withEdit(edits, id, fields)),
    remove: (id) => change(id, (today) => withDeletion(edits, id, today)),
  };
}
