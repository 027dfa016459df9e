import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import type { TmdbId } from "@marquee/shared/contracts/ids";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { encodeFilmFacts } from "@marquee/shared/features/film-facts";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { MarqueeError } from "@marquee/shared/service/errors";
import { beforeEach, describe, expect, it } from "vitest";
import type { OfflineDataset } from "../../offline-store/offline-store.ts";
import { syntheticFilms } from "../leaks/testing/synthetic-films.ts";
import type { CatalogFilm } from "../load-films.ts";
import { writtenWatermark } from "../materialize-plan.ts";
import { checkSkew } from "./check-skew.ts";
import { bringOnline, filmsDataset } from "./testing/films-dataset.ts";

const films = syntheticFilms({ films: 1_200 });
const today = epochDay("2008-01-01" as CalendarDate);
const first = filmsDataset({ hash: "first", films, today });
const view = ALL_VIEWS[0] as FeatureView;
const id = films[600]?.tmdbId ?? 0;

/** The same films a week later, when one has another rating and so its people another record. */
const second = filmsDataset({
  hash: "second",
  films: films.map((film): CatalogFilm => {
    const observed = { rating: 2.2, votes: 9_000 };
    return film.tmdbId % 5 === 0 ? { ...film, later: { ...film.later, observed } } : film;
  }),
  today: epochDay("2008-01-08" as CalendarDate),
});

let online: OnlineStore;
beforeEach(async () => {
  online = createMemoryOnlineStore({ now: () => new Date("2008-01-08T13:00:00Z") });
  await bringOnline(online, first, ALL_VIEWS);
});

function check(
  options: {
    sampled?: number;
    views?: readonly FeatureView[];
    store?: OnlineStore;
    more?: Record<string, OfflineDataset>;
  } = {},
) {
  const { sampled = 1_000, views = ALL_VIEWS, store = online, more = {} } = options;
  const datasets: Record<string, OfflineDataset> = { first, second, ...more };
  return checkSkew({
    online: store,
    open: async (hash) => {
      const dataset = datasets[hash];
      if (!dataset) throw new MarqueeError("DATASET_UNKNOWN", `There is no ${hash}.`);
      return dataset;
    },
    views,
    sample: { films: sampled, seed: 1 },
  });
}

/** Changes one value online by its lowest bit. */
async function spoil(key: { view: string; entity: string }, byte: number): Promise<void> {
  const [read] = await online.read([key]);
  if (read?.status !== "present" && read?.status !== "stale") throw new Error("nothing to spoil");
  const value = Uint8Array.from(read.value);
  value[byte] = (value[byte] ?? 0) ^ 1;
  await online.write([{ ...key, value, materializedAt: new Date("2008-01-01T12:00:00Z"), ttlSeconds: 60 }]);
}

describe("the skew check", () => {
  it("finds 1,000 films online as they are offline, and as they are computed on demand, to the bit", async () => {
    expect(await check()).toEqual({
      films: 1_000,
      columns: ALL_VIEWS.flatMap(({ columns }) => columns).length,
      onDemand: 1_000,
      dataset: "first",
      unchecked: [],
      findings: [],
    });
  });

  it("finds one value that is wrong in its lowest bit, and names view, column, film and both values", async () => {
    await spoil(onlineRowKey(view, id), 8);
    const { findings } = await check({ sampled: 1_200 });
    expect(findings).toMatchObject([
      {
        view: viewKey(view),
        column: view.columns[0]?.name,
        problem: "differs online",
        films: 1,
        example: { tmdbId: id },
      },
    ]);
    const { offline, online: wrong } = findings[0]?.example ?? {};
    expect(Math.abs(Number(offline) - Number(wrong))).toBeLessThan(1e-14);
    expect(offline).not.toBe(wrong);
  });

  it("finds another event time", async () => {
    await spoil(onlineRowKey(view, id), 5);
    expect((await check({ sampled: 1_200 })).findings).toMatchObject([
      { column: "event_time", example: { tmdbId: id } },
    ]);
  });

  it("finds a film that is not online, and bytes that are no row", async () => {
    await online.remove([onlineRowKey(view, id)]);
    const other = onlineRowKey(view, id + 1);
    const moment = { materializedAt: new Date("2008-01-01T12:00:00Z"), ttlSeconds: 60 };
    await online.write([{ ...other, value: new Uint8Array(3), ...moment }]);
    expect((await check({ sampled: 1_200 })).findings).toMatchObject([
      { problem: "missing online", view: viewKey(view), column: "*", example: { tmdbId: id } },
      { problem: "unreadable online", view: viewKey(view), column: "*", example: { tmdbId: id + 1 } },
    ]);
  });

  it("finds bytes that are no facts", async () => {
    const moment = { materializedAt: new Date("2008-01-01T12:00:00Z"), ttlSeconds: 60 };
    await online.write([{ ...ONLINE.facts(id as TmdbId), value: Buffer.from("garbage"), ...moment }]);
    const { findings } = await check({ sampled: 1_200 });
    expect(findings[0]).toMatchObject({ problem: "differs on demand", column: "*", example: { tmdbId: id } });
  });

  it("finds a record online that would make serving compute something else", async () => {
    const film = films.find(({ facts }) => (facts.directorIds?.length ?? 0) > 0 && facts.releaseDay !== undefined);
    const facts = { ...(film as CatalogFilm).facts, directorIds: [999_999] };
    const moment = { materializedAt: new Date("2008-01-01T12:00:00Z"), ttlSeconds: 60 };
    await online.write([{ ...ONLINE.facts(film?.tmdbId as TmdbId), value: encodeFilmFacts(facts), ...moment }]);
    const { findings } = await check({ sampled: 1_200 });
    expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(["differs on demand"]));
    expect(findings.map(({ view: name }) => name)).toContain("director_track_record@2");
    expect(findings[0]?.example.tmdbId).toBe(film?.tmdbId);
  });

  it("looks at as many films as it is asked to, at others with another seed", async () => {
    const report = await check({ sampled: 50 });
    expect(report.films).toBe(50);
  });
});

describe("while a view is materialised anew", () => {
  it("values that are online already are no finding, those of neither dataset are", async () => {
    const moment = { materializedAt: new Date(second.manifest.builtAt), ttlSeconds: 60 };
    const begun = { at: new Date(first.manifest.builtAt), source: "first", underway: ["second"] };
    await online.confirm(viewKey(view), begun);
    for await (const rows of second.latestRows(view)) {
      const written = rows.filter((row) => row.id % 2 === 0 && row.id !== id);
      await online.write(
        written.map((row) => ({ ...onlineRowKey(view, row.id), value: encodeFeatureRow(row), ...moment })),
      );
    }
    expect(await check({ sampled: 1_200 })).toMatchObject({ findings: [], onDemand: 0 });
    await spoil(onlineRowKey(view, id), 8);
    expect((await check({ sampled: 1_200 })).findings).toMatchObject([{ example: { tmdbId: id } }]);
  });

  it("it is compared though what is older was not retired yet", async () => {
    const target = { hash: "first", at: new Date(first.manifest.builtAt) };
    await online.confirm(viewKey(view), writtenWatermark(undefined, target));
    expect(await check()).toMatchObject({ films: 1_000, unchecked: [], findings: [] });
  });

  it("a film that the new dataset does not have may be gone already", async () => {
    const fewer = filmsDataset({ hash: "fewer", films: films.filter(({ tmdbId }) => tmdbId !== id), today });
    const begun = { at: new Date(first.manifest.builtAt), source: "first", underway: ["fewer"] };
    await online.confirm(viewKey(view), begun);
    await online.remove([onlineRowKey(view, id)]);
    expect((await check({ sampled: 1_200, more: { fewer } })).findings).toEqual([]);
    await online.remove([onlineRowKey(view, id + 1)]);
    expect((await check({ sampled: 1_200, more: { fewer } })).findings).toMatchObject([
      { problem: "missing online", example: { tmdbId: id + 1 } },
    ]);
  });

  it("a view whose watermark moves on meanwhile is compared with its new dataset", async () => {
    let reads = 0;
    const moving: OnlineStore = {
      ...online,
      read: async (keys) => {
        if (reads++ === 0) await bringOnline(online, second, ALL_VIEWS);
        return online.read(keys);
      },
    };
    expect(await check({ store: moving })).toMatchObject({
      dataset: "second",
      findings: [],
      unchecked: [],
    });
  });

  it("what cannot be compared is named with its reason", async () => {
    await online.confirm(viewKey(view), { at: new Date("2008-01-09T12:00:00Z"), source: "removed" });
    const never = { ...view, name: "never" };
    expect((await check({ views: [never, ...ALL_VIEWS] })).unchecked).toEqual([
      { view: viewKey(never), reason: "it was never materialised" },
      { view: viewKey(view), reason: "what lies there is of removed, which is not kept" },
    ]);
  });
});
