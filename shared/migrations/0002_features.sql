-- Gold: features as of a day. Written by workhorse's feature store alone.

create table feature_views (
  name text not null,
  version integer not null,
  hash text not null,
  definition jsonb not null,
  registered_at timestamptz not null,
  primary key (name, version)
);

create table feature_movies (
  tmdb_id integer primary key references movies on delete cascade,
  as_of date not null,
  views_hash text not null,
  "values" double precision[] not null
);
comment on column feature_movies.as_of is 'the earlier of the release date and the day of the build; only facts from strictly before are in the values';
comment on column feature_movies."values" is 'one number per column of the views, in their order; NaN where unknown';
