import type { FeatureService } from "@marquee/shared/features/feature-service";
import type { ColumnType, Entity, FeatureColumn, FeatureView } from "@marquee/shared/features/feature-view";

/** First line of what is written, by which it is known again. */
export const FEAST_HEAD = "# Made by `marquee features export-feast`; made anew it replaces this file.";

const FEAST_TYPES: Readonly<Record<ColumnType, string>> = { float64: "Float64", bool: "Bool" };

export interface FeastExport {
  views: readonly FeatureView[];
  services: readonly FeatureService[];
  /** Where the feature server answers, as `http://localhost:6566`. */
  url: string;
  /** Whether the feature server asks for its token; the client then reads it from TOKEN_VARIABLE. */
  token: boolean;
}

/** The same name as the server's own setting. */
const TOKEN_VARIABLE = "FEATURE_SERVER_TOKEN";

/**
 * A Feast repository that reads from our feature server: its files by name. `feast apply` there makes the registry. Views
 * have no source of Feast's own: what is read online is ours, and what is joined offline is `/get-historical-features`.
 * Made for Feast 0.67.
 */
export function feastRepository({ views, services, url, token }: FeastExport): Record<string, string> {
  return { "feature_store.yaml": feastSettings(url, token), "features.py": feastDefinitions(views, services) };
}

function feastSettings(url: string, token: boolean): string {
  const auth = `auth:
  type: oidc
  token_env_var: ${TOKEN_VARIABLE}
`;
  return `${FEAST_HEAD}
project: marquee
provider: local
registry: registry.db
online_store:
  type: remote
  path: ${JSON.stringify(url)}
entity_key_serialization_version: 3
${token ? auth : ""}`;
}

function feastDefinitions(views: readonly FeatureView[], services: readonly FeatureService[]): string {
  const entities = [...new Map(views.map(({ entity }) => [entity.name, entity])).values()];
  return `${FEAST_HEAD}
from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field
from feast.types import Bool, Float64, Int64
from feast.value_type import ValueType

${[...entities.map(entityText), ...views.map(viewText), ...services.map(serviceText)].join("\n\n")}
`;
}

function entityText({ name, joinKey, description }: Entity): string {
  return `${name} = Entity(
    name=${python(name)},
    join_keys=[${python(joinKey)}],
    value_type=ValueType.INT64,
    description=${python(description)},
)`;
}

/** The join key is a field, since Feast has no source of ours to find its type in. */
function viewText(view: FeatureView): string {
  const tags = { version: String(view.version), event_time: view.eventTime, source: view.source.join(", ") };
  return `${view.name} = FeatureView(
    name=${python(view.name)},
    entities=[${view.entity.name}],
    ttl=timedelta(seconds=${view.ttlSeconds}),
    schema=[
        Field(name=${python(view.entity.joinKey)}, dtype=Int64),
${view.columns.map((column) => `        ${fieldText(column)},`).join("\n")}
    ],
    source=None,
    online=True,
    description=${python(view.description)},
    owner=${python(view.owner)},
    tags=${pythonDict(tags)},
)`;
}

function fieldText(column: FeatureColumn): string {
  const { name, type, unit, knownWhen, group, description, owner } = column;
  const tags = {
    unit,
    known_when: knownWhen,
    group,
    ...(owner === undefined ? {} : { owner }),
    ...(Number.isNaN(column.default) ? {} : { default: String(column.default) }),
  };
  return `Field(name=${python(name)}, dtype=${FEAST_TYPES[type]}, description=${python(description)}, tags=${pythonDict(tags)})`;
}

function serviceText({ name, views, hash }: FeatureService): string {
  return `${name} = FeatureService(
    name=${python(name)},
    features=[${views.map((view) => view.name).join(", ")}],
    tags=${pythonDict({ hash })},
)`;
}

/** JSON's strings are Python's, too. */
function python(value: string): string {
  return JSON.stringify(value);
}

function pythonDict(values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).map(([key, value]) => `${python(key)}: ${python(value)}`);
  return `{${entries.join(", ")}}`;
}
