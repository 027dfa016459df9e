-- What came over the event bus and is kept: written by the nervous services alone.

create table user_events (
  event_id uuid primary key,
  type text not null check (type in ('rating', 'click', 'watch_start', 'watch_end', 'recommendation_click')),
  user_id text not null,
  tmdb_id integer not null,
  detail jsonb not null default '{}',
  happened_at timestamptz not null,
  received_at timestamptz not null
);
create index user_events_user on user_events (user_id, happened_at);

-- What one user of ours gave a film, the latest. Not a rating observation, and never a trigger of retraining.
create table user_ratings (
  user_id text not null,
  tmdb_id integer not null,
  rating numeric(4, 2) not null check (rating between 0 and 10),
  rated_at timestamptz not null,
  event_id uuid not null,
  primary key (user_id, tmdb_id)
);

create table predictions (
  prediction_id uuid primary key,
  tmdb_id integer,
  model_name text not null,
  model_version integer not null,
  as_of date not null,
  rating double precision not null,
  lower double precision not null,
  upper double precision not null,
  actual_known boolean not null,
  trace_id text not null,
  predicted_at timestamptz not null
);
comment on column predictions.tmdb_id is 'null for a film that was described';
comment on column predictions.actual_known is 'the film had a mature rating when it was predicted, so the prediction does not count for live error';
create index predictions_live on predictions (model_name, model_version, tmdb_id, predicted_at, prediction_id)
  where tmdb_id is not null and not actual_known;
comment on index predictions_live is 'the first prediction of each film, for live error';
create index predictions_predicted on predictions (model_name, model_version, predicted_at);

-- Log lines where no Elasticsearch is configured; capped, the oldest go first.
create table log_lines (
  line_id uuid primary key,
  logged_at timestamptz not null,
  service text not null,
  level text not null,
  trace_id text,
  line jsonb not null
);
create index log_lines_logged on log_lines (logged_at);
create index log_lines_trace on log_lines (trace_id) where trace_id is not null;
