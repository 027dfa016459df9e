import type { OnlineRead, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { createPlanner, type FeaturePlan, type ServedFeatures } from "./feature-plan.ts";
import { idsOf, type OnlineRequest, parseOnlineRequest } from "./feature-request.ts";
import type { FeatureServerMetrics } from "./metrics.ts";
import { writeOnlineAnswer } from "./online-answer.ts";

export interface OnlineFeaturesOptions {
  onlineStore: OnlineStore;
  served: ServedFeatures;
  metrics: FeatureServerMetrics;
}

/**
 * Answers questions for online features: one read of the online store for all views and entities of a question.
 * @returns a function from Feast's body to Feast's answer as JSON. It throws REQUEST_INVALID, FEATURE_UNKNOWN,
 *   FEATURE_ROW_INVALID, and what the online store says where it is away
 */
export function createOnlineFeatures({ onlineStore, served, metrics }: OnlineFeaturesOptions) {
  const planOf = createPlanner(served);
  return async (body: unknown): Promise<string> => {
    const request = parseOnlineRequest(body);
    const plan = planOf(request);
    const ids = idsByJoinKey(plan, request.entities);
    const stop = metrics.startRead();
    const reads = await readViews(onlineStore, plan, ids);
    stop();
    const { versionMetadata } = request;
    const { json, outcomes } = writeOnlineAnswer({ plan, ids: [...ids.values()], reads, versionMetadata });
    for (const outcome of outcomes) metrics.lookedUp(outcome);
    return json;
  };
}

function idsByJoinKey({ joinKeys }: FeaturePlan, entities: OnlineRequest["entities"]): Map<string, number[]> {
  const ids = new Map<string, number[]>();
  let expected: number | undefined;
  for (const joinKey of joinKeys) {
    const values = idsOf(entities, joinKey, expected);
    expected = values.length;
    ids.set(joinKey, values);
  }
  return ids;
}

async function readViews(
  onlineStore: OnlineStore,
  { views }: FeaturePlan,
  ids: ReadonlyMap<string, readonly number[]>,
): Promise<OnlineRead[][]> {
  const idsOfView = views.map(({ schema }) => ids.get(schema.entity.joinKey) ?? []);
  const keys = views.flatMap(({ schema }, i) => (idsOfView[i] ?? []).map((id) => onlineRowKey(schema, id)));
  const reads = await onlineStore.read(keys);
  let from = 0;
  return idsOfView.map(({ length }) => {
    const slice = reads.slice(from, from + length);
    from += length;
    return slice;
  });
}
