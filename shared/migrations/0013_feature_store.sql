-- The feature store: who registered which version of a view, the datasets that training and materialisation read, and
-- what the leak detector and the skew check have found.

alter table feature_views add column registered_by text not null default 'an earlier release';
alter table feature_views add column release text;
comment on column feature_views.hash is 'of the definition and of what the function answers to probes, in hexadecimal';
comment on column feature_views.definition is 'entity, columns with types, units, defaults and owners, event time, time to live, source';
comment on column feature_views.registered_by is 'who ran the release that brought it';
comment on column feature_views.release is 'that release; null for rows of an earlier release';

create table feature_datasets (
  dataset_hash text primary key,
  built_at timestamptz not null,
  as_of date not null,
  catalog_hash text not null,
  archive_hash text,
  views_hash text not null,
  rows bigint not null check (rows >= 0),
  bytes bigint not null check (bytes >= 0),
  first_as_of date,
  last_as_of date
);
create index on feature_datasets (built_at);
comment on table feature_datasets is 'gold: Each build of features as Parquet, by its manifest in the object store.';
comment on column feature_datasets.dataset_hash is 'of the manifest''s content, in hexadecimal: equal features have an equal hash';
comment on column feature_datasets.built_at is 'when it was built last';
comment on column feature_datasets.as_of is 'the day of the build: films that are not out yet stand as of it';
comment on column feature_datasets.catalog_hash is 'of the catalog that it was built from';
comment on column feature_datasets.archive_hash is 'of the archive that the catalog was loaded from; null where the load was not a tracked step';
comment on column feature_datasets.views_hash is 'of the rating model''s views together, in hexadecimal';
comment on column feature_datasets.rows is 'films';
comment on column feature_datasets.bytes is 'of its Parquet files';
comment on column feature_datasets.first_as_of is 'of its rows the earliest; null without rows';
comment on column feature_datasets.last_as_of is 'of its rows the latest; null without rows';

alter table training_runs add column feature_dataset text;
comment on column training_runs.feature_dataset is 'the dataset that the training set was read from, which is kept as long as the run; null for runs of an earlier release [feature_datasets]';

create table feature_checks (
  check_id uuid primary key,
  kind text not null check (kind in ('leak', 'skew')),
  checked_at timestamptz not null,
  dataset_hash text,
  films integer not null check (films >= 0),
  columns integer not null check (columns >= 0),
  findings jsonb not null
);
create index on feature_checks (kind, checked_at);
comment on table feature_checks is 'runs: What the leak detector and the skew check have found.';
comment on column feature_checks.check_id is 'UUIDv7';
comment on column feature_checks.kind is 'leak: a feature knew what happened later; skew: a value online was not the one offline';
comment on column feature_checks.checked_at is 'when';
comment on column feature_checks.dataset_hash is 'of the dataset that was compared; null for leaks, which are looked for before there is one [feature_datasets]';
comment on column feature_checks.films is 'that were looked at';
comment on column feature_checks.columns is 'of each film that were looked at';
comment on column feature_checks.findings is 'view, column and films of each finding; an empty list where all is well';

-- More of what TMDB tells about a film. Films that are in the catalog are read from the archive once more.
alter table movies add column countries text[];
alter table movies add column keywords text[];
comment on column movies.countries is 'ISO 3166-1 codes of the countries of production, in TMDB''s order; null: none told [TMDB production_countries]';
comment on column movies.keywords is 'names of the keywords, ascending; added by users after release, so never a feature of a model; null: none told [TMDB keywords]';
delete from archive_loads where starts_with(manifest_key, 'archive/manifests/tmdb/') and status = 'loaded';
update step_runs set input_hash = null where step = 'catalog';
