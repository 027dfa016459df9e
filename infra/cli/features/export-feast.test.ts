import { FILM } from "@marquee/shared/features/entities";
import { createFeatureService } from "@marquee/shared/features/feature-service";
import type { FeatureView } from "@marquee/shared/features/feature-view";
import { expect, it } from "vitest";
import { feastRepository } from "./export-feast.ts";

const view: FeatureView = {
  name: "film_length",
  version: 3,
  entity: FILM,
  owner: "workhorse",
  description: 'How "long" a film is',
  eventTime: "Its release",
  source: ["movies", "credits"],
  ttlSeconds: 93_600,
  columns: [
    {
      name: "runtime_minutes",
      type: "float64",
      default: Number.NaN,
      unit: "minutes",
      group: "runtime",
      description: "Running time",
      knownWhen: "announced",
    },
    {
      name: "is_long",
      type: "bool",
      default: 0,
      unit: "0/1",
      group: "runtime",
      description: "Over three hours",
      owner: "kim",
      knownWhen: "announced",
    },
  ],
  compute: () => [100, 0],
};
const service = createFeatureService("rating", [view]);

it("a Feast repository has our views, columns, types and services, and reads from the server", () => {
  const files = feastRepository({ views: [view], services: [service], url: "http://localhost:6566", token: false });
  expect(files["feature_store.yaml"]).not.toContain("auth:");
  expect(files["feature_store.yaml"]).toContain('online_store:\n  type: remote\n  path: "http://localhost:6566"\n');
  expect(files["features.py"]?.split("\n\n").slice(2)).toEqual([
    `film = Entity(
    name="film",
    join_keys=["tmdb_id"],
    value_type=ValueType.INT64,
    description="A film of the catalog, by its TMDB id",
)`,
    `film_length = FeatureView(
    name="film_length",
    entities=[film],
    ttl=timedelta(seconds=93600),
    schema=[
        Field(name="tmdb_id", dtype=Int64),
        Field(name="runtime_minutes", dtype=Float64, description="Running time", tags={"unit": "minutes", "known_when": "announced", "group": "runtime"}),
        Field(name="is_long", dtype=Bool, description="Over three hours", tags={"unit": "0/1", "known_when": "announced", "group": "runtime", "owner": "kim", "default": "0"}),
    ],
    source=None,
    online=True,
    description="How \\"long\\" a film is",
    owner="workhorse",
    tags={"version": "3", "event_time": "Its release", "source": "movies, credits"},
)`,
    `rating = FeatureService(
    name="rating",
    features=[film_length],
    tags={"hash": "${service.hash}"},
)
`,
  ]);
});

it("with a token the client reads it from its environment", () => {
  const files = feastRepository({ views: [view], services: [], url: "https://marquee.example/features", token: true });
  expect(files["feature_store.yaml"]).toContain("auth:\n  type: oidc\n  token_env_var: FEATURE_SERVER_TOKEN\n");
});
