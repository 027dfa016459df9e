import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { calendarDate, type EpochDay } from "@marquee/shared/contracts/time";
import { asOfDay, computeFeatures } from "@marquee/shared/features/compute-features";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { encodeFilmFacts } from "@marquee/shared/features/film-facts";
import { ONLINE } from "@marquee/shared/features/online-layout";
import { buildRatingHistory } from "@marquee/shared/features/rating-history";
import { recordEntries, yearOf } from "@marquee/shared/features/record-chunks";
import type { EntityRow, OfflineDataset, OnlineEntry } from "../../../offline-store/offline-store.ts";
import { type CatalogFilm, historyFilms } from "../../load-films.ts";

const MILLISECONDS_PER_DAY = 86_400_000;

export interface FilmsDatasetOptions {
  hash: string;
  films: readonly CatalogFilm[];
  today: EpochDay;
}

/** A dataset in memory, as far as the skew check reads one: features of these films as of the day. */
export function filmsDataset({ hash, films, today }: FilmsDatasetOptions): OfflineDataset {
  const history = buildRatingHistory(historyFilms(films), 0);
  const rowOf = (film: CatalogFilm, view: FeatureView): EntityRow => {
    const asOf = asOfDay(today, film.facts.releaseDay);
    const input = { film: film.facts, later: film.later, asOf, record: history.get.bind(history) };
    return { id: film.tmdbId, eventTime: asOf * MILLISECONDS_PER_DAY, values: computeFeatures(input, [view]) };
  };
  const computed = new Map<FeatureView, EntityRow[]>();
  const rowsOf = (view: FeatureView): EntityRow[] => {
    const rows = computed.get(view) ?? films.map((film) => rowOf(film, view));
    computed.set(view, rows);
    return rows;
  };
  const entries: OnlineEntry[] = [
    ...films.map(({ tmdbId, facts }) => ({ ...ONLINE.facts(tmdbId), value: encodeFilmFacts(facts) })),
    ...[...history].flatMap(([key, record]) => recordEntries(key, record, yearOf(today) + 1)),
  ];
  return {
    hash,
    manifest: {
      ...{ format: 1, builtAt: `${calendarDate(today)}T12:00:00.000Z`, asOf: calendarDate(today), catalogHash: "" },
      ...{ archiveHash: null, maturityDays: 0, viewsHash: "", views: [], rows: films.length },
      ...{ rowFiles: [], onlineFiles: [] },
    } as unknown as OfflineDataset["manifest"],
    latestRows: async function* (view) {
      yield rowsOf(view as FeatureView);
    },
    onlineEntries: async function* () {
      yield entries;
    },
    changedRows: async function* () {},
    changedEntries: async function* () {},
    close: async () => undefined,
  };
}

/** Brings the dataset's rows of these views online, and all else that lies there. */
export async function bringOnline(
  online: OnlineStore,
  dataset: OfflineDataset,
  views: readonly FeatureView[],
): Promise<void> {
  const moment = { materializedAt: new Date(dataset.manifest.builtAt), ttlSeconds: 3_600 };
  for await (const entries of dataset.onlineEntries()) {
    await online.write(entries.map((entry) => ({ ...entry, ...moment })));
    for (const view of new Set(entries.map((entry) => entry.view))) await confirm(online, view, dataset);
  }
  for (const view of views) {
    for await (const rows of dataset.latestRows(view)) {
      await online.write(
        rows.map((row) => ({ ...onlineRowKey(view, row.id), value: encodeFeatureRow(row), ...moment })),
      );
    }
    await confirm(online, viewKey(view), dataset);
  }
}

function confirm(online: OnlineStore, view: string, { hash, manifest }: OfflineDataset): Promise<void> {
  return online.confirm(view, { at: new Date(manifest.builtAt), source: hash });
}
