import axios from "axios";
import { until } from "./until.ts";

/** What was sent a moment ago may still be on its way, in seconds. */
const PATIENCE_SECONDS = 300;
/** Ids asked for in one search. */
const IDS_A_SEARCH = 1_000;

/** Which of `sent` are not stored, once all are or patience has ended. */
export async function missingFrom(sent: Iterable<string>, stored: () => Promise<string[]>): Promise<string[]> {
  const wanted = [...new Set(sent)];
  let missing = wanted;
  await until("everything is stored", PATIENCE_SECONDS, async () => {
    const there = new Set(await stored());
    missing = wanted.filter((id) => !there.has(id));
    return missing.length === 0;
  }).catch(() => undefined);
  return missing;
}

/** Which of the log lines are not in Elasticsearch, under whatever name its streams have. */
export async function missingLines(ids: Iterable<string>, elasticsearchUrl: string): Promise<string[]> {
  const all = [...ids];
  return missingFrom(all, async () => {
    const found: string[] = [];
    for (let i = 0; i < all.length; i += IDS_A_SEARCH) {
      const { data } = await axios.post<{ hits: { hits: { _id: string }[] } }>(
        `${elasticsearchUrl}/logs-marquee-*/_search`,
        { size: IDS_A_SEARCH, _source: false, query: { ids: { values: all.slice(i, i + IDS_A_SEARCH) } } },
        { proxy: false },
      );
      found.push(...data.hits.hits.map(({ _id }) => _id));
    }
    return found;
  });
}
