import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { UNKNOWN_FILM } from "@marquee/shared/features/film-facts";
import { expect, it } from "vitest";
import { type CatalogFilm, historyFilms, matureFilms } from "./load-films.ts";

const TODAY = epochDay("2020-06-01" as CalendarDate);

it.each([
  ["released 91 days ago, 50 votes", 91, 50, { outcome: true, target: true }],
  [
    "released 31 days ago: an outcome of its event time on, and no target yet",
    31,
    50,
    { outcome: true, target: false },
  ],
  ["49 votes", 400, 49, { outcome: false, target: false }],
])("counts a film that is %s", (_case, daysAgo, votes, expected) => {
  const film = {
    tmdbId: 1,
    facts: { ...UNKNOWN_FILM, releaseDay: TODAY - daysAgo },
    later: { observed: { rating: 7, votes } },
  } as unknown as CatalogFilm;
  expect({
    outcome: historyFilms([film])[0]?.rating !== undefined,
    target: matureFilms([film], TODAY).length === 1,
  }).toEqual(expected);
});
