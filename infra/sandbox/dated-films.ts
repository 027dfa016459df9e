import { type CalendarDate, dayOf } from "@marquee/shared/contracts/time";
import type { Clock } from "@marquee/shared/service/clock";
import { MarqueeError } from "@marquee/shared/service/errors";
import { type EditableFilms, editing } from "./editable-films.ts";
import type { Position, RatingShift } from "./film-at.ts";
import { type FilmEdits, markChanges, NO_EDITS } from "./film-edits.ts";
import { type FilmSet, followingSet } from "./film-set.ts";
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
export interface DatedFilms extends EditableFilms {
  /** The view; it follows the clock and the edits. */
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
export async function createDatedFilms({ films: whole, start, clock }: DatedFilmsOptions): Promise<DatedFilms> {
  const set = await readWholeSet(whole);
  let view = firstView(set, start);
  const films = followingSet(() => view.set);
  const go = (change: Partial<Pick<View, "position" | "edits">>): ClockState => {
    view = nextView(set, view, change, dayOf(clock.now()));
    return stateOf(view);
  };
  return {
    films,
    ...editing({ films, clock, show: (edits) => void go({ edits }) }),
    state: () => stateOf(view),
    moveTo: (asOf) => {
      const { position } = view;
      if (asOf === position.asOf) return stateOf(view);
      if (asOf > position.asOf) return go({ position: { ...position, asOf } });
      throw new MarqueeError(
        "REQUEST_INVALID",
        `The clock stands at ${position.asOf} and moves on only; ${asOf} is before that. Start the sandbox again to go back.`,
      );
    },
    setShift: (shift) => go({ position: { ...view.position, shift: shift.by === 0 ? undefined : shift } }),
  };
}

/** What is seen from one position, after the edits until then. */
interface View {
  position: Position;
  edits: FilmEdits;
  set: FilmSet;
}

function firstView(whole: WholeSet, position: Position): View {
  const edits = NO_EDITS;
  return {
    position,
    edits,
    set: setAt(whole, { position, edits, listed: filmsAt(whole, position, edits), revision: 0 }),
  };
}

function nextView(
  whole: WholeSet,
  before: View,
  { position = before.position, edits = before.edits }: Partial<Pick<View, "position" | "edits">>,
  today: CalendarDate,
): View {
  const listed = markChanges(filmsAt(whole, position, edits), before.set, today);
  return { position, edits, set: setAt(whole, { position, edits, listed, revision: before.set.revision + 1 }) };
}

function stateOf({ position, set }: View): ClockState {
  return { asOf: position.asOf, films: set.size, rated: set.rated, shift: position.shift ?? null };
}
