import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS, RATING_VIEWS } from "@marquee/shared/features/film-views";
import { expect, it } from "vitest";
import { checkedViews, computeFilms } from "./compute-films.ts";
import { detectLeaks } from "./detect-leaks.ts";
import { syntheticFilms } from "./testing/synthetic-films.ts";

const films = syntheticFilms({ films: 2_000 });
const today = epochDay("2012-01-01" as CalendarDate);
/** In the middle of the films: those after it are announced. */
const earlier = epochDay("2006-06-01" as CalendarDate);

function leaksOf(views: readonly FeatureView[], options: { maturityDays: number; seed: number; today: number }) {
  const settings = { views, maturityDays: options.maturityDays, today: options.today as typeof today };
  return detectLeaks({ films, compute: computeFilms(settings), ...settings, seed: options.seed });
}

it.each([
  { maturityDays: 0, seed: 1, today },
  { maturityDays: 30, seed: 2, today },
  { maturityDays: 0, seed: 3, today: earlier },
  { maturityDays: 30, seed: 4, today: earlier },
])("no view that a model may read knows what happened later: %o", (options) => {
  const report = leaksOf(checkedViews(ALL_VIEWS), options);
  expect(report.findings).toEqual([]);
  expect(report.films).toBeGreaterThan(200);
});

it("every view of the rating model is checked, and what is known after release is not", () => {
  const names = checkedViews(ALL_VIEWS).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(RATING_VIEWS.map(({ name }) => name)));
  const marked = ALL_VIEWS.filter(({ columns }) => columns.some(({ knownWhen }) => knownWhen === "after_release"));
  for (const { name } of marked) expect(names).not.toContain(name);
});

it("a view that looks at what is known after release is found as soon as nobody marks it", () => {
  const [view] = RATING_VIEWS;
  const peeking = {
    ...(view as FeatureView),
    compute: ({ later }) => [later?.observed?.rating ?? Number.NaN],
  } as FeatureView;
  const { findings } = leaksOf([peeking], { maturityDays: 0, seed: 1, today });
  expect(findings).toMatchObject([{ view: `${view?.name}@${view?.version}`, column: view?.columns[0]?.name }]);
});
