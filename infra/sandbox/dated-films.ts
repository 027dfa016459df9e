import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { Film } from "./film.ts";
import type { Position, RatingShift } from "./film-at.ts";
import type { FilmSet } from "./film-set.ts";
import { filmsAt, readWholeSet, setAt, type WholeSet } from "./films-at.ts";

/** Where the clock stands and what is seen from there, as `GET /control/clock` tells it. */
export interface ClockState {
  asOf: CalendarDate;
  /** Listed by TMDB: what is out, and what is announced. */
  films: number;
  /** Of them, those with a rating at IMDb. */
  rated: number;
  shift: RatingShift | null;
}

/** A set seen from a date that moves on. */
export interface DatedFilms {
  /** The view; it follows the clock. */
  readonly films: FilmSet;
  state(): ClockState;
  /** @throws REQUEST_INVALID for a date before the one where the clock stands */
  moveTo(asOf: CalendarDate): ClockState;
  /** In place of the shift before; by 0 there is none. */
  setShift(shift: RatingShift): ClockState;
}

export interface DatedFilmsOptions {
  /** The whole set; it is read once. */
  films: FilmSet;
  start: Position;
  /** Tells the day on which films changed, by a move of the clock. */
  clock: Clock;
}

/** @throws SANDBOX_DATA_INVALID where the set's ratings cannot be read */
export async function createDatedFilms({ films, start, clock }: DatedFilmsOptions): Promise<DatedFilms> {
  const whole = await readWholeSet(films);
  let view = firstView(whole, start);
  const go = (position: Position): ClockState => {
    view = nextView(whole, view, position, dayOf(clock.now()));
    return stateOf(view);
  };
  return {
    films: following(() => view.set),
    state: () => stateOf(view),
    moveTo: (asOf) => {
      if (asOf === view.position.asOf) return stateOf(view);
      if (asOf > view.position.asOf) return go({ ...view.position, asOf });
      throw new MarqueeError(
        "REQUEST_INVALID",
        `The clock stands at ${view.position.asOf} and moves on only; ${asOf} is before that. Start the sandbox again to go back.`,
      );
    },
    setShift: (shift) => go({ ...view.position, shift: shift.by === 0 ? undefined : shift }),
  };
}

/** What is seen from one position. */
interface View {
  position: Position;
  /** Changes since the clock came to this day; a second each in Last-Modified, which has to tell them apart. */
  revision: number;
  set: FilmSet;
  listed: ReadonlyMap<number, Film>;
}

function firstView(whole: WholeSet, position: Position): View {
  return viewOf(whole, { position, revision: 0, listed: filmsAt(whole, position) });
}

/** Films that are new or look otherwise than from the position before have changed on the day of the move. */
function nextView(whole: WholeSet, before: View, position: Position, today: CalendarDate): View {
  const listed = filmsAt(whole, position).map((film) => {
    const known = before.listed.get(film.id);
    const same = known?.details.equals(film.details);
    return { ...film, changedOn: same ? known?.changedOn : today };
  });
  const revision = position.asOf === before.position.asOf ? before.revision + 1 : 0;
  return viewOf(whole, { position, revision, listed });
}

function viewOf(
  whole: WholeSet,
  { position, revision, listed }: { position: Position; revision: number; listed: readonly Film[] },
): View {
  const observedAt = new Date(Date.parse(position.asOf) + revision * 1000);
  return {
    position,
    revision,
    set: setAt(whole, position, listed, observedAt),
    listed: new Map(listed.map((film) => [film.id, film])),
  };
}

function stateOf({ position, set }: View): ClockState {
  return { asOf: position.asOf, films: set.size, rated: set.rated, shift: position.shift ?? null };
}

/** A set whose every answer is the present one's. */
function following(present: () => FilmSet): FilmSet {
  return {
    get name() {
      return present().name;
    },
    get description() {
      return present().description;
    },
    get size() {
      return present().size;
    },
    get rated() {
      return present().rated;
    },
    get genres() {
      return present().genres;
    },
    film: (id) => present().film(id),
    filmsOfImdb: (imdbId) => present().filmsOfImdb(imdbId),
    inOrder: (order) => present().inOrder(order),
    imdbFile: (name) => present().imdbFile(name),
  };
}
