CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % never change', tg_table_name;
end $function$;

create table archive_loads (
  manifest_key text not null,
  rows_in integer not null,
  rows_loaded integer not null,
  rows_quarantined integer not null,
  loaded_at timestamp with time zone not null,
  constraint archive_loads_pkey PRIMARY KEY (manifest_key)
);

create table bus_messages (
  topic text not null,
  seq bigint not null generated always as identity,
  message_id text not null,
  key text not null,
  value text not null,
  published_at timestamp with time zone not null default clock_timestamp(),
  constraint bus_messages_pkey PRIMARY KEY (topic, seq)
);

create table bus_positions (
  consumer_group text not null,
  topic text not null,
  seq bigint not null,
  constraint bus_positions_pkey PRIMARY KEY (consumer_group, topic)
);

create table collections (
  collection_id integer not null,
  name text not null,
  constraint collections_pkey PRIMARY KEY (collection_id)
);

create table companies (
  company_id integer not null,
  name text not null,
  constraint companies_pkey PRIMARY KEY (company_id)
);

create table credits (
  tmdb_id integer not null,
  credit_id text not null,
  person_id integer not null,
  department text not null,
  job text not null,
  billing integer,
  constraint credits_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(person_id),
  constraint credits_pkey PRIMARY KEY (tmdb_id, credit_id),
  constraint credits_tmdb_id_fkey FOREIGN KEY (tmdb_id) REFERENCES movies(tmdb_id) ON DELETE CASCADE
);

create table feature_movies (
  tmdb_id integer not null,
  as_of date not null,
  views_hash text not null,
  "values" double precision[] not null,
  constraint feature_movies_pkey PRIMARY KEY (tmdb_id),
  constraint feature_movies_tmdb_id_fkey FOREIGN KEY (tmdb_id) REFERENCES movies(tmdb_id) ON DELETE CASCADE
);

create table feature_views (
  name text not null,
  version integer not null,
  hash text not null,
  definition jsonb not null,
  registered_at timestamp with time zone not null,
  constraint feature_views_pkey PRIMARY KEY (name, version)
);

create table imdb_titles (
  imdb_id text not null,
  title_type text not null,
  primary_title text not null,
  original_title text,
  start_year integer,
  runtime_minutes integer,
  constraint imdb_titles_pkey PRIMARY KEY (imdb_id)
);

create table log_lines (
  line_id uuid not null,
  logged_at timestamp with time zone not null,
  service text not null,
  level text not null,
  trace_id text,
  line jsonb not null,
  constraint log_lines_pkey PRIMARY KEY (line_id)
);

create table model_alias_moves (
  move_id bigint not null generated always as identity,
  model_name text not null,
  alias text not null,
  from_version integer,
  to_version integer not null,
  moved_by text not null,
  reason text not null,
  metrics jsonb not null,
  moved_at timestamp with time zone not null,
  constraint model_alias_moves_model_name_to_version_fkey FOREIGN KEY (model_name, to_version) REFERENCES model_versions(model_name, version),
  constraint model_alias_moves_pkey PRIMARY KEY (move_id)
);

create table model_aliases (
  model_name text not null,
  alias text not null,
  version integer not null,
  moved_at timestamp with time zone not null,
  constraint model_aliases_alias_check CHECK ((alias = ANY (ARRAY['champion'::text, 'challenger'::text, 'previous'::text]))),
  constraint model_aliases_model_name_version_fkey FOREIGN KEY (model_name, version) REFERENCES model_versions(model_name, version),
  constraint model_aliases_pkey PRIMARY KEY (model_name, alias)
);

create table model_versions (
  model_name text not null,
  version integer not null,
  run_id uuid not null,
  artifact_key text not null,
  artifact_sha256 text not null,
  metrics jsonb not null,
  registered_at timestamp with time zone not null,
  constraint model_versions_pkey PRIMARY KEY (model_name, version),
  constraint model_versions_run_id_fkey FOREIGN KEY (run_id) REFERENCES training_runs(run_id),
  constraint model_versions_run_id_key UNIQUE (run_id),
  constraint model_versions_version_check CHECK ((version > 0))
);

create table movie_companies (
  tmdb_id integer not null,
  company_id integer not null,
  "position" integer not null,
  constraint movie_companies_company_id_fkey FOREIGN KEY (company_id) REFERENCES companies(company_id),
  constraint movie_companies_pkey PRIMARY KEY (tmdb_id, company_id),
  constraint movie_companies_tmdb_id_fkey FOREIGN KEY (tmdb_id) REFERENCES movies(tmdb_id) ON DELETE CASCADE
);

create table movie_genres (
  tmdb_id integer not null,
  genre_id integer not null,
  constraint movie_genres_pkey PRIMARY KEY (tmdb_id, genre_id),
  constraint movie_genres_tmdb_id_fkey FOREIGN KEY (tmdb_id) REFERENCES movies(tmdb_id) ON DELETE CASCADE
);

create table movies (
  tmdb_id integer not null,
  imdb_id text,
  title text not null,
  original_title text,
  original_language text,
  release_date date,
  status text,
  runtime_minutes integer,
  budget_usd bigint,
  revenue_usd bigint,
  overview text,
  tagline text,
  collection_id integer,
  payload_sha256 text not null,
  constraint movies_budget_usd_check CHECK ((budget_usd > 0)),
  constraint movies_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint movies_pkey PRIMARY KEY (tmdb_id),
  constraint movies_revenue_usd_check CHECK ((revenue_usd > 0)),
  constraint movies_runtime_minutes_check CHECK ((runtime_minutes > 0))
);

create table people (
  person_id integer not null,
  name text not null,
  constraint people_pkey PRIMARY KEY (person_id)
);

create table pipeline_runs (
  run_id uuid not null,
  pipeline text not null,
  status text not null,
  trigger text not null,
  triggered_by text not null,
  reason text not null,
  parameters jsonb not null default '{}'::jsonb,
  tick text,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint pipeline_runs_pkey PRIMARY KEY (run_id),
  constraint pipeline_runs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text]))),
  constraint pipeline_runs_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'manual'::text, 'alert'::text])))
);

create table predictions (
  prediction_id uuid not null,
  tmdb_id integer,
  model_name text not null,
  model_version integer not null,
  as_of date not null,
  rating double precision not null,
  lower double precision not null,
  upper double precision not null,
  actual_known boolean not null,
  trace_id text not null,
  predicted_at timestamp with time zone not null,
  constraint predictions_pkey PRIMARY KEY (prediction_id)
);

create table quarantine (
  source text not null,
  source_id text not null,
  reason text not null,
  detail text not null,
  payload jsonb,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  constraint quarantine_pkey PRIMARY KEY (source, source_id, reason)
);

create table ratings (
  source text not null,
  source_id text not null,
  observed_on date not null,
  average numeric(5,3) not null,
  votes integer not null,
  constraint ratings_average_check CHECK (((average >= (0)::numeric) AND (average <= (10)::numeric))),
  constraint ratings_pkey PRIMARY KEY (source, source_id, observed_on),
  constraint ratings_source_check CHECK ((source = ANY (ARRAY['imdb'::text, 'tmdb'::text]))),
  constraint ratings_votes_check CHECK ((votes >= 0))
);

create table retrain_decisions (
  decision_id uuid not null,
  fingerprint text not null,
  starts_at timestamp with time zone not null,
  alert_name text not null,
  accepted boolean not null,
  code text not null,
  reason text not null,
  run_id uuid,
  times integer not null default 1,
  decided_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  constraint retrain_decisions_fingerprint_starts_at_code_key UNIQUE (fingerprint, starts_at, code),
  constraint retrain_decisions_pkey PRIMARY KEY (decision_id),
  constraint retrain_decisions_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(run_id)
);

create table schema_migrations (
  version integer not null,
  name text not null,
  hash text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (version)
);

create table source_cursors (
  source text not null,
  cursor jsonb not null,
  updated_at timestamp with time zone not null,
  constraint source_cursors_pkey PRIMARY KEY (source)
);

create table step_runs (
  run_id uuid not null,
  step text not null,
  status text not null,
  input_hash text,
  rows_in integer,
  rows_out integer,
  detail jsonb not null default '{}'::jsonb,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint step_runs_pkey PRIMARY KEY (run_id),
  constraint step_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text])))
);

create table task_runs (
  task_run_id uuid not null,
  run_id uuid not null,
  task text not null,
  place integer not null,
  status text not null,
  tries integer not null default 0,
  input jsonb,
  output jsonb,
  error text,
  worker text,
  queued_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint task_runs_pkey PRIMARY KEY (task_run_id),
  constraint task_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES pipeline_runs(run_id) ON DELETE CASCADE,
  constraint task_runs_run_id_task_key UNIQUE (run_id, task),
  constraint task_runs_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text])))
);

create table tmdb_listings (
  tmdb_id integer not null,
  sha256 text not null,
  fetched_at timestamp with time zone not null,
  constraint tmdb_listings_pkey PRIMARY KEY (tmdb_id)
);

create table training_runs (
  run_id uuid not null,
  model_name text not null,
  status text not null,
  parameters jsonb not null,
  metrics jsonb,
  input_hash text not null,
  dataset_hash text not null,
  views_hash text not null,
  backend text not null,
  error text,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint training_runs_pkey PRIMARY KEY (run_id),
  constraint training_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text])))
);

create table user_events (
  event_id uuid not null,
  type text not null,
  user_id text not null,
  tmdb_id integer not null,
  detail jsonb not null default '{}'::jsonb,
  happened_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint user_events_pkey PRIMARY KEY (event_id),
  constraint user_events_type_check CHECK ((type = ANY (ARRAY['rating'::text, 'click'::text, 'watch_start'::text, 'watch_end'::text, 'recommendation_click'::text])))
);

create table user_ratings (
  user_id text not null,
  tmdb_id integer not null,
  rating numeric(4,2) not null,
  rated_at timestamp with time zone not null,
  event_id uuid not null,
  constraint user_ratings_pkey PRIMARY KEY (user_id, tmdb_id),
  constraint user_ratings_rating_check CHECK (((rating >= (0)::numeric) AND (rating <= (10)::numeric)))
);

CREATE INDEX bus_messages_published ON public.bus_messages USING btree (topic, published_at);

CREATE INDEX credits_person ON public.credits USING btree (person_id);

CREATE INDEX log_lines_logged ON public.log_lines USING btree (logged_at);

CREATE INDEX log_lines_trace ON public.log_lines USING btree (trace_id) WHERE (trace_id IS NOT NULL);

CREATE INDEX movies_imdb_id ON public.movies USING btree (imdb_id);

CREATE INDEX movies_release_date ON public.movies USING btree (release_date);

CREATE INDEX pipeline_runs_created ON public.pipeline_runs USING btree (created_at);

CREATE UNIQUE INDEX pipeline_runs_one_at_a_time ON public.pipeline_runs USING btree (pipeline) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE UNIQUE INDEX pipeline_runs_tick ON public.pipeline_runs USING btree (pipeline, tick);

CREATE INDEX predictions_live ON public.predictions USING btree (model_name, model_version, tmdb_id, predicted_at, prediction_id) WHERE ((tmdb_id IS NOT NULL) AND (NOT actual_known));

CREATE INDEX predictions_predicted ON public.predictions USING btree (model_name, model_version, predicted_at);

CREATE UNIQUE INDEX retrain_decisions_acted_upon_once ON public.retrain_decisions USING btree (fingerprint, starts_at) WHERE accepted;

CREATE INDEX step_runs_step ON public.step_runs USING btree (step, started_at);

CREATE INDEX training_runs_started ON public.training_runs USING btree (model_name, started_at);

CREATE INDEX user_events_user ON public.user_events USING btree (user_id, happened_at);

CREATE TRIGGER model_alias_moves_never_change BEFORE DELETE OR UPDATE ON public.model_alias_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER model_versions_never_change BEFORE DELETE OR UPDATE ON public.model_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

comment on index predictions_live is 'the first prediction of each film, for live error';

comment on column bus_messages.seq is 'publishers of one topic wait for each other, so that none becomes visible after a later one';

comment on column bus_positions.seq is 'the last message that the group has stored; whoever has locked the row takes the next ones';

comment on column credits.billing is 'place in the cast list from 0; null for the crew';

comment on column feature_movies.as_of is 'the earlier of the release date and the day of the build; only facts from strictly before are in the values';

comment on column feature_movies."values" is 'one number per column of the views, in their order; NaN where unknown';

comment on column movies.runtime_minutes is 'null where TMDB says 0, its word for unknown';

comment on column movies.budget_usd is 'US dollars of the time; null where TMDB says 0';

comment on column movies.payload_sha256 is 'hash of the raw body in the archive that this row was made from';

comment on column pipeline_runs.tick is 'the moment of the schedule that this run is for; makes a tick count once with any number of schedulers';

comment on column predictions.tmdb_id is 'null for a film that was described';

comment on column predictions.actual_known is 'the film had a mature rating when it was predicted, so the prediction does not count for live error';

comment on column step_runs.input_hash is 'identity of everything the step reads; an equal later run has nothing to do';

comment on column task_runs.place is 'in its pipeline, from 0: each stands after those that it waits for';

comment on column task_runs.tries is 'how often it has begun';
