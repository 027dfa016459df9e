CREATE OR REPLACE FUNCTION public.imdb_id(imdb_number integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ('tt'::text || lpad((imdb_number)::text, GREATEST(7, length((imdb_number)::text)), '0'::text));

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
  status text not null default 'loaded'::text,
  reason text,
  constraint archive_loads_pkey PRIMARY KEY (manifest_key),
  constraint archive_loads_status_check CHECK ((status = ANY (ARRAY['loaded'::text, 'refused'::text])))
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
  named_at timestamp with time zone,
  constraint collections_pkey PRIMARY KEY (collection_id)
);

create table companies (
  company_id integer not null,
  name text not null,
  named_at timestamp with time zone,
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

create table erased_users (
  user_hash text not null,
  erased_at timestamp with time zone not null,
  constraint erased_users_pkey PRIMARY KEY (user_hash)
);

create table feature_checks (
  check_id uuid not null,
  kind text not null,
  checked_at timestamp with time zone not null,
  dataset_hash text,
  films integer not null,
  columns integer not null,
  findings jsonb not null,
  constraint feature_checks_columns_check CHECK ((columns >= 0)),
  constraint feature_checks_films_check CHECK ((films >= 0)),
  constraint feature_checks_kind_check CHECK ((kind = ANY (ARRAY['leak'::text, 'skew'::text]))),
  constraint feature_checks_pkey PRIMARY KEY (check_id)
);

create table feature_datasets (
  dataset_hash text not null,
  built_at timestamp with time zone not null,
  as_of date not null,
  catalog_hash text not null,
  archive_hash text,
  views_hash text not null,
  rows bigint not null,
  bytes bigint not null,
  first_as_of date,
  last_as_of date,
  constraint feature_datasets_bytes_check CHECK ((bytes >= 0)),
  constraint feature_datasets_pkey PRIMARY KEY (dataset_hash),
  constraint feature_datasets_rows_check CHECK ((rows >= 0))
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
  registered_by text not null default 'an earlier release'::text,
  release text,
  constraint feature_views_pkey PRIMARY KEY (name, version)
);

create table imdb_akas (
  imdb_number integer not null,
  ordering integer not null,
  title text not null,
  region text,
  language text,
  types text,
  attributes text,
  is_original boolean not null,
  constraint imdb_akas_imdb_number_fkey FOREIGN KEY (imdb_number) REFERENCES imdb_titles(imdb_number) ON DELETE CASCADE,
  constraint imdb_akas_pkey PRIMARY KEY (imdb_number, ordering)
);

create table imdb_crew (
  imdb_number integer not null,
  role text not null,
  person_number integer not null,
  "position" integer not null,
  constraint imdb_crew_imdb_number_fkey FOREIGN KEY (imdb_number) REFERENCES imdb_titles(imdb_number) ON DELETE CASCADE,
  constraint imdb_crew_pkey PRIMARY KEY (imdb_number, role, person_number),
  constraint imdb_crew_role_check CHECK ((role = ANY (ARRAY['director'::text, 'writer'::text])))
);

create table imdb_people (
  person_number integer not null,
  name text not null,
  birth_year integer,
  death_year integer,
  constraint imdb_people_pkey PRIMARY KEY (person_number)
);

create table imdb_principals (
  imdb_number integer not null,
  ordering integer not null,
  person_number integer not null,
  category text not null,
  job text,
  characters text,
  constraint imdb_principals_imdb_number_fkey FOREIGN KEY (imdb_number) REFERENCES imdb_titles(imdb_number) ON DELETE CASCADE,
  constraint imdb_principals_pkey PRIMARY KEY (imdb_number, ordering)
);

create table imdb_ratings (
  imdb_number integer not null,
  observed_on date not null,
  average real not null,
  votes integer not null,
  constraint imdb_ratings_average_check CHECK (((average >= (0)::double precision) AND (average <= (10)::double precision))),
  constraint imdb_ratings_pkey PRIMARY KEY (imdb_number, observed_on),
  constraint imdb_ratings_votes_check CHECK ((votes >= 0))
);

create table imdb_titles (
  title_type text not null,
  primary_title text not null,
  original_title text,
  start_year integer,
  runtime_minutes integer,
  imdb_number integer not null,
  is_adult boolean not null default false,
  genres text[],
  constraint imdb_titles_pkey PRIMARY KEY (imdb_number)
);

create table link_conflicts (
  tmdb_id integer not null,
  imdb_number integer not null,
  kind text not null,
  detail text not null,
  score real,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  constraint link_conflicts_kind_check CHECK ((kind = ANY (ARRAY['taken'::text, 'year'::text, 'ambiguous'::text]))),
  constraint link_conflicts_pkey PRIMARY KEY (tmdb_id, imdb_number, kind),
  constraint link_conflicts_score_check CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision))),
  constraint link_conflicts_tmdb_id_fkey FOREIGN KEY (tmdb_id) REFERENCES movies(tmdb_id) ON DELETE CASCADE
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
  external_imdb_id text,
  imdb_link text,
  imdb_link_score real,
  imdb_number integer generated always as ((substr(imdb_id, 3))::integer) stored,
  manifest_key text,
  fetched_at timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  deleted_at timestamp with time zone,
  countries text[],
  keywords text[],
  constraint movies_budget_usd_check CHECK ((budget_usd > 0)),
  constraint movies_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint movies_imdb_link_check CHECK ((imdb_link = ANY (ARRAY['external_id'::text, 'title_year_director'::text]))),
  constraint movies_imdb_link_score_check CHECK (((imdb_link_score >= (0)::double precision) AND (imdb_link_score <= (1)::double precision))),
  constraint movies_pkey PRIMARY KEY (tmdb_id),
  constraint movies_revenue_usd_check CHECK ((revenue_usd > 0)),
  constraint movies_runtime_minutes_check CHECK ((runtime_minutes > 0))
);

create table people (
  person_id integer not null,
  name text not null,
  named_at timestamp with time zone,
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

create table quality_acceptances (
  run_id uuid not null,
  accepted_by text not null,
  reason text not null,
  accepted_at timestamp with time zone not null,
  constraint quality_acceptances_pkey PRIMARY KEY (run_id),
  constraint quality_acceptances_run_id_fkey FOREIGN KEY (run_id) REFERENCES step_runs(run_id) ON DELETE CASCADE
);

create table quality_checks (
  run_id uuid not null,
  subject text not null,
  metric text not null,
  layer text not null,
  value double precision,
  expected text not null,
  verdict text not null,
  checked_at timestamp with time zone not null,
  constraint quality_checks_layer_check CHECK ((layer = ANY (ARRAY['bronze'::text, 'silver'::text, 'gold'::text]))),
  constraint quality_checks_pkey PRIMARY KEY (run_id, subject, metric),
  constraint quality_checks_run_id_fkey FOREIGN KEY (run_id) REFERENCES step_runs(run_id) ON DELETE CASCADE,
  constraint quality_checks_verdict_check CHECK ((verdict = ANY (ARRAY['pass'::text, 'warn'::text, 'stop'::text])))
);

create table quarantine (
  source text not null,
  source_id text not null,
  reason text not null,
  detail text not null,
  payload jsonb,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  manifest_key text,
  times_seen integer not null default 1,
  constraint quarantine_pkey PRIMARY KEY (source, source_id, reason)
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

create table schema_drift (
  source text not null,
  path text not null,
  kind text not null,
  detail text not null,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  constraint schema_drift_kind_check CHECK ((kind = ANY (ARRAY['new'::text, 'missing'::text, 'null'::text]))),
  constraint schema_drift_pkey PRIMARY KEY (source, path, kind)
);

create table schema_migrations (
  version integer not null,
  name text not null,
  hash text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (version)
);

create table snapshot_loads (
  file text not null,
  input_hash text not null,
  manifest_key text not null,
  rows_in integer not null,
  rows_loaded integer not null,
  rows_quarantined integer not null,
  rows_changed integer not null,
  loaded_at timestamp with time zone not null,
  constraint snapshot_loads_pkey PRIMARY KEY (file)
);

create table source_cursors (
  source text not null,
  cursor jsonb not null,
  updated_at timestamp with time zone not null,
  constraint source_cursors_pkey PRIMARY KEY (source)
);

create table source_fields (
  source text not null,
  path text not null,
  bodies bigint not null,
  nulls bigint not null,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  constraint source_fields_pkey PRIMARY KEY (source, path)
);

create table source_requests (
  source text not null,
  outcome text not null,
  requests bigint not null,
  constraint source_requests_pkey PRIMARY KEY (source, outcome),
  constraint source_requests_source_check CHECK ((source = ANY (ARRAY['tmdb'::text, 'imdb'::text])))
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

create table tmdb_deletions (
  tmdb_id integer not null,
  observed_at timestamp with time zone not null,
  manifest_key text not null,
  constraint tmdb_deletions_pkey PRIMARY KEY (tmdb_id)
);

create table tmdb_listings (
  tmdb_id integer not null,
  sha256 text,
  fetched_at timestamp with time zone not null,
  listed boolean not null default true,
  constraint tmdb_listings_pkey PRIMARY KEY (tmdb_id)
);

create table tmdb_ratings (
  tmdb_id integer not null,
  observed_on date not null,
  average real not null,
  votes integer not null,
  constraint tmdb_ratings_average_check CHECK (((average >= (0)::double precision) AND (average <= (10)::double precision))),
  constraint tmdb_ratings_pkey PRIMARY KEY (tmdb_id, observed_on),
  constraint tmdb_ratings_votes_check CHECK ((votes >= 0))
);

create table tmdb_wanted (
  tmdb_id integer not null,
  sha256 text,
  feed text not null,
  listed boolean not null,
  failed_at timestamp with time zone,
  constraint tmdb_wanted_pkey PRIMARY KEY (tmdb_id)
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
  feature_dataset text,
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

CREATE INDEX feature_checks_kind_checked_at_idx ON public.feature_checks USING btree (kind, checked_at);

CREATE INDEX feature_datasets_built_at_idx ON public.feature_datasets USING btree (built_at);

CREATE INDEX imdb_crew_person ON public.imdb_crew USING btree (person_number);

CREATE INDEX log_lines_logged ON public.log_lines USING btree (logged_at);

CREATE INDEX log_lines_trace ON public.log_lines USING btree (trace_id) WHERE (trace_id IS NOT NULL);

CREATE INDEX movie_companies_company ON public.movie_companies USING btree (company_id);

CREATE INDEX movies_collection ON public.movies USING btree (collection_id);

CREATE INDEX movies_imdb_id ON public.movies USING btree (imdb_id);

CREATE INDEX movies_imdb_number ON public.movies USING btree (imdb_number);

CREATE INDEX movies_release_date ON public.movies USING btree (release_date);

CREATE INDEX pipeline_runs_created ON public.pipeline_runs USING btree (created_at);

CREATE UNIQUE INDEX pipeline_runs_one_at_a_time ON public.pipeline_runs USING btree (pipeline) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE UNIQUE INDEX pipeline_runs_tick ON public.pipeline_runs USING btree (pipeline, tick);

CREATE INDEX predictions_age ON public.predictions USING brin (predicted_at);

CREATE INDEX predictions_live ON public.predictions USING btree (model_name, model_version, tmdb_id, predicted_at, prediction_id) WHERE ((tmdb_id IS NOT NULL) AND (NOT actual_known));

CREATE INDEX predictions_predicted ON public.predictions USING btree (model_name, model_version, predicted_at);

CREATE INDEX quarantine_manifest ON public.quarantine USING btree (manifest_key);

CREATE UNIQUE INDEX retrain_decisions_acted_upon_once ON public.retrain_decisions USING btree (fingerprint, starts_at) WHERE accepted;

CREATE INDEX step_runs_step ON public.step_runs USING btree (step, started_at);

CREATE INDEX training_runs_started ON public.training_runs USING btree (model_name, started_at);

CREATE INDEX user_events_received ON public.user_events USING brin (received_at);

CREATE INDEX user_events_user ON public.user_events USING btree (user_id, happened_at);

create view ratings as
 SELECT 'imdb'::text AS source,
    imdb_id(imdb_ratings.imdb_number) AS source_id,
    imdb_ratings.observed_on,
    imdb_ratings.average,
    imdb_ratings.votes
   FROM imdb_ratings
UNION ALL
 SELECT 'tmdb'::text AS source,
    (tmdb_ratings.tmdb_id)::text AS source_id,
    tmdb_ratings.observed_on,
    tmdb_ratings.average,
    tmdb_ratings.votes
   FROM tmdb_ratings;

CREATE TRIGGER model_alias_moves_never_change BEFORE DELETE OR UPDATE ON public.model_alias_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER model_versions_never_change BEFORE DELETE OR UPDATE ON public.model_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

comment on table archive_loads is 'bronze: Which of the archive''s fetches are in the catalog; written in the same transaction as their rows.';

comment on table bus_messages is 'events: The event bus where no Kafka is configured.';

comment on table bus_positions is 'events: How far consumer groups have read.';

comment on table collections is 'silver: Series of films.';

comment on table companies is 'silver: Production companies.';

comment on table credits is 'silver: Who did what in which film.';

comment on table erased_users is 'events: Users who were erased and are not to be stored again.';

comment on table feature_checks is 'runs: What the leak detector and the skew check have found.';

comment on table feature_datasets is 'gold: Each build of features as Parquet, by its manifest in the object store.';

comment on table feature_movies is 'gold: Each film''s features.';

comment on table feature_views is 'gold: Each version of each feature view.';

comment on table imdb_akas is 'silver: Other titles of those films.';

comment on table imdb_crew is 'silver: Directors and writers of those films.';

comment on table imdb_people is 'silver: People who direct, write or play in those films.';

comment on table imdb_principals is 'silver: The main people of those films.';

comment on table imdb_ratings is 'silver: IMDb''s average and votes on a day: a row holds from its day until the film''s next row. Append-only; not what our own users gave.';

comment on table imdb_titles is 'silver: IMDb''s titles that are films, as the latest file has them.';

comment on table link_conflicts is 'silver: Pairs of films that the two sources do not agree on, for a person to look at.';

comment on table log_lines is 'events: Log lines where no Elasticsearch is configured; capped, the oldest go first.';

comment on table model_alias_moves is 'registry: Each move of an alias. They never change.';

comment on table model_aliases is 'registry: Which version an alias names now.';

comment on table model_versions is 'registry: Versions of models. They never change.';

comment on table movie_companies is 'silver: Production companies of films.';

comment on table movie_genres is 'silver: Genres of films.';

comment on table movies is 'silver: Films as TMDB tells them, one row each; deleted ones stay, marked.';

comment on table people is 'silver: Everybody who is credited in a film.';

comment on table pipeline_runs is 'pipelines: Runs of pipelines.';

comment on table predictions is 'events: What was answered, for live error.';

comment on index predictions_live is 'the first prediction of each film, for live error';

comment on table quality_acceptances is 'runs: A person''s word that a stopped load is right after all.';

comment on table quality_checks is 'runs: The quality gate''s figures of each load.';

comment on table quarantine is 'silver: What could not be taken into the catalog, and why. Nothing is dropped silently.';

comment on view ratings is 'silver: Both sources'' observations with the ids as the sources write them: for people and dashboards.';

comment on table retrain_decisions is 'pipelines: Each alert that asked for a retrain, and the answer.';

comment on table schema_drift is 'bronze: What moved in the form of a source''s bodies.';

comment on table schema_migrations is 'runs: Migrations that have run.';

comment on table snapshot_loads is 'bronze: Which state of each of IMDb''s snapshot files the tables hold.';

comment on table source_cursors is 'bronze: How far a source has been collected, so that a collection that was killed goes on where it was.';

comment on table source_fields is 'bronze: The fields that a source''s bodies have had.';

comment on table source_requests is 'bronze: How requests to the sources ended, summed over all collections.';

comment on table step_runs is 'runs: Each step of the chain is a tracked run.';

comment on table task_runs is 'pipelines: Tasks of those runs.';

comment on table tmdb_deletions is 'silver: When TMDB last said that it has a film no more, also of films that the catalog does not know.';

comment on table tmdb_listings is 'bronze: What TMDB''s lists said of each film when its details were fetched last.';

comment on table tmdb_ratings is 'silver: TMDB''s average and votes on a day: a row holds from its day until the film''s next row. Append-only; not what our own users gave.';

comment on table tmdb_wanted is 'bronze: Films of TMDB whose details are still to be fetched.';

comment on table training_runs is 'registry: Each training of a model.';

comment on table user_events is 'events: What users did.';

comment on table user_ratings is 'events: What one user of ours gave a film, the latest. Not a rating observation, and never a trigger of retraining.';

comment on column archive_loads.manifest_key is 'the fetch''s manifest in the object store';

comment on column archive_loads.rows_in is 'bodies or lines read';

comment on column archive_loads.rows_loaded is 'of those, taken';

comment on column archive_loads.rows_quarantined is 'of those, quarantined';

comment on column archive_loads.loaded_at is 'when';

comment on column archive_loads.status is 'loaded, or refused by the quality gate';

comment on column archive_loads.reason is 'why it was refused; null for what is loaded';

comment on column bus_messages.topic is '[topics]';

comment on column bus_messages.seq is 'publishers of one topic wait for each other, so that none becomes visible after a later one';

comment on column bus_messages.message_id is 'made at its origin';

comment on column bus_messages.key is 'what keeps its order';

comment on column bus_messages.value is 'JSON';

comment on column bus_messages.published_at is 'when';

comment on column bus_positions.consumer_group is 'name';

comment on column bus_positions.topic is '[topics]';

comment on column bus_positions.seq is 'the last message that the group has stored; whoever has locked the row takes the next ones';

comment on column collections.collection_id is 'TMDB''s id [TMDB /movie/{id}: belongs_to_collection.id]';

comment on column collections.name is 'as of the newest body that names it [TMDB /movie/{id}: belongs_to_collection.name]';

comment on column collections.named_at is 'when a body was fetched that named the collection and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';

comment on column companies.company_id is 'TMDB''s id [TMDB /movie/{id}: production_companies.id]';

comment on column companies.name is 'as of the newest body that names it [TMDB /movie/{id}: production_companies.name]';

comment on column companies.named_at is 'when a body was fetched that named the company and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';

comment on column credits.tmdb_id is 'the film [movies]';

comment on column credits.credit_id is 'TMDB''s id of the credit [TMDB /movie/{id}: credits.*.credit_id]';

comment on column credits.person_id is 'the person [TMDB /movie/{id}: credits.*.id]';

comment on column credits.department is 'Acting for the cast; Unknown where TMDB says nothing [TMDB /movie/{id}: credits.crew.department]';

comment on column credits.job is 'Actor for the cast; Unknown where TMDB says nothing [TMDB /movie/{id}: credits.crew.job]';

comment on column credits.billing is 'place in the cast list from 0; null for the crew, and where TMDB says nothing [TMDB /movie/{id}: credits.cast.order]';

comment on column erased_users.user_hash is 'SHA-256 of the pseudonymous id: tells an event of the user when one comes, and not who it was';

comment on column erased_users.erased_at is 'when';

comment on column feature_checks.check_id is 'UUIDv7';

comment on column feature_checks.kind is 'leak: a feature knew what happened later; skew: a value online was not the one offline';

comment on column feature_checks.checked_at is 'when';

comment on column feature_checks.dataset_hash is 'of the dataset that was compared; null for leaks, which are looked for before there is one [feature_datasets]';

comment on column feature_checks.films is 'that were looked at';

comment on column feature_checks.columns is 'of each film that were looked at';

comment on column feature_checks.findings is 'view, column and films of each finding; an empty list where all is well';

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

comment on column feature_movies.tmdb_id is 'the film [movies]';

comment on column feature_movies.as_of is 'the earlier of the release date and the day of the build; only facts from strictly before are in the values';

comment on column feature_movies.views_hash is 'of all views together, in hexadecimal';

comment on column feature_movies."values" is 'one number per column of the views, in their order; NaN where unknown';

comment on column feature_views.name is 'of the view';

comment on column feature_views.version is 'from 1';

comment on column feature_views.hash is 'of the definition and of what the function answers to probes, in hexadecimal';

comment on column feature_views.definition is 'entity, columns with types, units, defaults and owners, event time, time to live, source';

comment on column feature_views.registered_at is 'when';

comment on column feature_views.registered_by is 'who ran the release that brought it';

comment on column feature_views.release is 'that release; null for rows of an earlier release';

comment on column imdb_akas.imdb_number is 'the film [title.akas: titleId]';

comment on column imdb_akas.ordering is 'IMDb''s order, from 1 [title.akas: ordering]';

comment on column imdb_akas.title is '[title.akas: title]';

comment on column imdb_akas.region is 'country code; null where IMDb says nothing [title.akas: region]';

comment on column imdb_akas.language is 'language code; null where IMDb says nothing [title.akas: language]';

comment on column imdb_akas.types is 'such as imdbDisplay; null where IMDb says nothing [title.akas: types]';

comment on column imdb_akas.attributes is 'null where IMDb says nothing [title.akas: attributes]';

comment on column imdb_akas.is_original is '[title.akas: isOriginalTitle]';

comment on column imdb_crew.imdb_number is 'the film [title.crew: tconst]';

comment on column imdb_crew.role is 'director or writer [title.crew: column]';

comment on column imdb_crew.person_number is 'the person [title.crew: directors, writers]';

comment on column imdb_crew."position" is 'place in IMDb''s list, from 0 [title.crew]';

comment on column imdb_people.person_number is 'IMDb''s number of the person [name.basics: nconst]';

comment on column imdb_people.name is '[name.basics: primaryName]';

comment on column imdb_people.birth_year is 'null where IMDb says nothing [name.basics: birthYear]';

comment on column imdb_people.death_year is 'null for the living, and where IMDb says nothing [name.basics: deathYear]';

comment on column imdb_principals.imdb_number is 'the film [title.principals: tconst]';

comment on column imdb_principals.ordering is 'IMDb''s order, from 1 [title.principals: ordering]';

comment on column imdb_principals.person_number is 'the person [title.principals: nconst]';

comment on column imdb_principals.category is 'such as actor, composer [title.principals: category]';

comment on column imdb_principals.job is 'null where IMDb says nothing more [title.principals: job]';

comment on column imdb_principals.characters is 'JSON list of names as IMDb writes it; null for who plays nobody [title.principals: characters]';

comment on column imdb_ratings.imdb_number is 'IMDb''s number of the title [title.ratings: tconst]';

comment on column imdb_ratings.observed_on is 'the day of the file [title.ratings: Last-Modified]';

comment on column imdb_ratings.average is 'from 0 to 10 [title.ratings: averageRating]';

comment on column imdb_ratings.votes is 'how many have voted [title.ratings: numVotes]';

comment on column imdb_titles.title_type is 'movie, tvMovie or video [title.basics: titleType]';

comment on column imdb_titles.primary_title is 'title by which the film is known [title.basics: primaryTitle]';

comment on column imdb_titles.original_title is 'null where IMDb says nothing [title.basics: originalTitle]';

comment on column imdb_titles.start_year is 'year of release; null where IMDb says nothing [title.basics: startYear]';

comment on column imdb_titles.runtime_minutes is 'minutes; null where IMDb says nothing [title.basics: runtimeMinutes]';

comment on column imdb_titles.imdb_number is 'IMDb''s number of the title [title.basics: tconst]';

comment on column imdb_titles.is_adult is '[title.basics: isAdult]';

comment on column imdb_titles.genres is 'at most three, by name; null where IMDb says nothing [title.basics: genres]';

comment on column link_conflicts.tmdb_id is 'the film at TMDB [movies]';

comment on column link_conflicts.imdb_number is 'the title at IMDb [imdb_titles]';

comment on column link_conflicts.kind is 'taken: another film has the title; year: the release years cannot both be right; ambiguous: several titles fit [the catalog''s links]';

comment on column link_conflicts.detail is 'what was found, in words [the catalog''s links]';

comment on column link_conflicts.score is 'how well the pair fits, from 0 to 1; null where it was not scored [the catalog''s links]';

comment on column link_conflicts.first_seen is 'when the conflict was found first';

comment on column link_conflicts.last_seen is 'when it was found last';

comment on column log_lines.line_id is 'made at its origin';

comment on column log_lines.logged_at is 'when';

comment on column log_lines.service is 'who wrote it';

comment on column log_lines.level is 'trace, debug, info, warn, error or fatal';

comment on column log_lines.trace_id is 'of the request or run; null for others';

comment on column log_lines.line is 'whole';

comment on column model_alias_moves.move_id is 'in the order of the moves';

comment on column model_alias_moves.model_name is 'rating';

comment on column model_alias_moves.alias is 'champion, challenger or previous';

comment on column model_alias_moves.from_version is 'null for an alias that named nothing';

comment on column model_alias_moves.to_version is '[model_versions]';

comment on column model_alias_moves.moved_by is 'the gate, or a person';

comment on column model_alias_moves.reason is 'why';

comment on column model_alias_moves.metrics is 'of that moment';

comment on column model_alias_moves.moved_at is 'when';

comment on column model_aliases.model_name is 'rating';

comment on column model_aliases.alias is 'champion, challenger or previous';

comment on column model_aliases.version is '[model_versions]';

comment on column model_aliases.moved_at is 'when';

comment on column model_versions.model_name is 'rating';

comment on column model_versions.version is 'from 1';

comment on column model_versions.run_id is 'the training [training_runs]';

comment on column model_versions.artifact_key is 'folder in the object store';

comment on column model_versions.artifact_sha256 is 'of the artifact, in hexadecimal';

comment on column model_versions.metrics is 'of the test, as they were when it was registered';

comment on column model_versions.registered_at is 'when';

comment on column movie_companies.tmdb_id is 'the film [movies]';

comment on column movie_companies.company_id is 'the company [TMDB /movie/{id}: production_companies.id]';

comment on column movie_companies."position" is 'place in TMDB''s list, from 0 [TMDB /movie/{id}: production_companies]';

comment on column movie_genres.tmdb_id is 'the film [movies]';

comment on column movie_genres.genre_id is 'TMDB''s id of the genre [TMDB /movie/{id}: genres.id]';

comment on column movies.tmdb_id is 'TMDB''s id of the film [TMDB /movie/{id}: id]';

comment on column movies.imdb_id is 'the film at IMDb, such as tt0133093; null where no link was found [the catalog''s links]';

comment on column movies.title is 'title in the language of the request, English [TMDB /movie/{id}: title]';

comment on column movies.original_title is 'title in the original language; null where TMDB says nothing [TMDB /movie/{id}: original_title]';

comment on column movies.original_language is 'ISO 639-1 code; null where TMDB says nothing [TMDB /movie/{id}: original_language]';

comment on column movies.release_date is 'primary release, a day; null where TMDB knows none or none that is a date [TMDB /movie/{id}: release_date]';

comment on column movies.status is 'Rumored, Planned, In Production, Post Production, Released or Canceled; null where TMDB says nothing [TMDB /movie/{id}: status]';

comment on column movies.runtime_minutes is 'minutes; null where TMDB says 0, its word for unknown [TMDB /movie/{id}: runtime]';

comment on column movies.budget_usd is 'US dollars of the time; null where TMDB says 0 [TMDB /movie/{id}: budget]';

comment on column movies.revenue_usd is 'US dollars of the time; null where TMDB says 0; no feature, since it is known after the release [TMDB /movie/{id}: revenue]';

comment on column movies.overview is 'plot in a few sentences; null where TMDB says nothing [TMDB /movie/{id}: overview]';

comment on column movies.tagline is 'null where TMDB says nothing [TMDB /movie/{id}: tagline]';

comment on column movies.collection_id is 'the series that the film belongs to; null for most [TMDB /movie/{id}: belongs_to_collection.id]';

comment on column movies.payload_sha256 is 'hash of the raw body that this row was made from, in hexadecimal [archive]';

comment on column movies.external_imdb_id is 'what TMDB says the film''s IMDb id is; null where it says nothing or no id [TMDB /movie/{id}: imdb_id]';

comment on column movies.imdb_link is 'how imdb_id was found; null where it was not [the catalog''s links]';

comment on column movies.imdb_link_score is 'how sure the link is, from 0 to 1, 1 for an external id; null with imdb_id [the catalog''s links]';

comment on column movies.imdb_number is 'imdb_id''s number; null with it [imdb_id]';

comment on column movies.manifest_key is 'the archive''s fetch of the newest body, which this row says; null for rows of an earlier release [archive]';

comment on column movies.fetched_at is 'when that fetch was made; an older body never replaces a newer one [archive manifest: observedAt]';

comment on column movies.deleted_at is 'when TMDB was first seen to have deleted the film; null for films that are there [TMDB /movie/{id}: HTTP 404, status 34]';

comment on column movies.countries is 'ISO 3166-1 codes of the countries of production, in TMDB''s order; null: none told [TMDB production_countries]';

comment on column movies.keywords is 'names of the keywords, ascending; added by users after release, so never a feature of a model; null: none told [TMDB keywords]';

comment on column people.person_id is 'TMDB''s id [TMDB /movie/{id}: credits.*.id]';

comment on column people.name is 'as of the newest body that names the person [TMDB /movie/{id}: credits.*.name]';

comment on column people.named_at is 'when a body was fetched that named the person and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';

comment on column pipeline_runs.run_id is 'UUIDv7';

comment on column pipeline_runs.pipeline is 'name';

comment on column pipeline_runs.status is 'queued, running, succeeded or failed';

comment on column pipeline_runs.trigger is 'schedule, manual or alert';

comment on column pipeline_runs.triggered_by is 'who or what';

comment on column pipeline_runs.reason is 'why';

comment on column pipeline_runs.parameters is 'as the pipeline accepts them';

comment on column pipeline_runs.tick is 'the moment of the schedule that this run is for; makes a tick count once with any number of schedulers; null for others';

comment on column pipeline_runs.created_at is 'when it was asked for';

comment on column pipeline_runs.started_at is 'null until then';

comment on column pipeline_runs.ended_at is 'null until then';

comment on column predictions.prediction_id is 'made at its origin';

comment on column predictions.tmdb_id is 'null for a film that was described';

comment on column predictions.model_name is 'rating';

comment on column predictions.model_version is '[model_versions]';

comment on column predictions.as_of is 'day that the prediction stands on';

comment on column predictions.rating is 'from 0 to 10';

comment on column predictions.lower is 'of the 90 % interval';

comment on column predictions.upper is 'of the 90 % interval';

comment on column predictions.actual_known is 'the film had a mature rating when it was predicted, so the prediction does not count for live error';

comment on column predictions.trace_id is 'of the request';

comment on column predictions.predicted_at is 'when';

comment on column quality_acceptances.run_id is 'the stopped run [step_runs]';

comment on column quality_acceptances.accepted_by is 'who';

comment on column quality_acceptances.reason is 'why';

comment on column quality_acceptances.accepted_at is 'when';

comment on column quality_checks.run_id is 'the run [step_runs]';

comment on column quality_checks.subject is 'table or file';

comment on column quality_checks.metric is 'what was measured, such as rows';

comment on column quality_checks.layer is 'bronze, silver or gold';

comment on column quality_checks.value is 'shares are from 0 to 1; null where it could not be measured';

comment on column quality_checks.expected is 'in words with numbers';

comment on column quality_checks.verdict is 'pass, warn or stop';

comment on column quality_checks.checked_at is 'when';

comment on column quarantine.source is 'tmdb or imdb';

comment on column quarantine.source_id is 'the source''s id, or where in the source it stood';

comment on column quarantine.reason is 'a word to count by, such as schema or not_json';

comment on column quarantine.detail is 'what was wrong and what is accepted, in words';

comment on column quarantine.payload is 'what came, as it came; null where it is not kept';

comment on column quarantine.first_seen is 'when it was met first';

comment on column quarantine.last_seen is 'when it was met last';

comment on column quarantine.manifest_key is 'the archive''s fetch that it came with; null for rows of an earlier release';

comment on column quarantine.times_seen is 'how often it was met';

comment on column ratings.source is 'imdb or tmdb';

comment on column ratings.source_id is 'tt0133093, 603 [imdb_ratings, tmdb_ratings]';

comment on column ratings.observed_on is 'day [imdb_ratings, tmdb_ratings]';

comment on column ratings.average is 'from 0 to 10 [imdb_ratings, tmdb_ratings]';

comment on column ratings.votes is 'how many have voted [imdb_ratings, tmdb_ratings]';

comment on column retrain_decisions.decision_id is 'UUIDv7';

comment on column retrain_decisions.fingerprint is 'Alertmanager''s identity of the alert';

comment on column retrain_decisions.starts_at is 'when the alert began';

comment on column retrain_decisions.alert_name is 'its name';

comment on column retrain_decisions.accepted is 'whether a retrain was begun';

comment on column retrain_decisions.code is 'a word to count by';

comment on column retrain_decisions.reason is 'in words with numbers';

comment on column retrain_decisions.run_id is 'the retrain; null where none was begun';

comment on column retrain_decisions.times is 'how often the same was asked and answered';

comment on column retrain_decisions.decided_at is 'when first';

comment on column retrain_decisions.last_seen_at is 'when last';

comment on column schema_drift.source is 'tmdb';

comment on column schema_drift.path is 'of the field';

comment on column schema_drift.kind is 'new, missing, or null where it never was';

comment on column schema_drift.detail is 'in words with numbers';

comment on column schema_drift.first_seen is 'when it was met first';

comment on column schema_drift.last_seen is 'when it was met last';

comment on column schema_migrations.version is 'number of the file in shared/migrations';

comment on column schema_migrations.name is 'of the file';

comment on column schema_migrations.hash is 'of its text, in hexadecimal';

comment on column schema_migrations.applied_at is 'when';

comment on column snapshot_loads.file is 'such as title.basics';

comment on column snapshot_loads.input_hash is 'identity of all files that its rows depend on';

comment on column snapshot_loads.manifest_key is 'the fetch''s manifest in the object store';

comment on column snapshot_loads.rows_in is 'lines read';

comment on column snapshot_loads.rows_loaded is 'of those, taken';

comment on column snapshot_loads.rows_quarantined is 'of those, quarantined';

comment on column snapshot_loads.rows_changed is 'rows that were new, changed or gone';

comment on column snapshot_loads.loaded_at is 'when';

comment on column source_cursors.source is 'tmdb or imdb';

comment on column source_cursors.cursor is 'as that source''s collection writes it';

comment on column source_cursors.updated_at is 'when it moved last';

comment on column source_fields.source is 'tmdb';

comment on column source_fields.path is 'such as credits.cast[].name';

comment on column source_fields.bodies is 'bodies that had it';

comment on column source_fields.nulls is 'of those, null';

comment on column source_fields.first_seen is 'when it was met first';

comment on column source_fields.last_seen is 'when it was met last';

comment on column source_requests.source is 'tmdb or imdb';

comment on column source_requests.outcome is 'ok, unchanged, or the kind of failure';

comment on column source_requests.requests is 'how many';

comment on column step_runs.run_id is 'UUIDv7';

comment on column step_runs.step is 'collect, archive, catalog, features, train, register, materialize or retention';

comment on column step_runs.status is 'running, succeeded or failed';

comment on column step_runs.input_hash is 'identity of everything the step reads; an equal later run has nothing to do; null where a step always runs';

comment on column step_runs.rows_in is 'null until it has succeeded';

comment on column step_runs.rows_out is 'null until it has succeeded';

comment on column step_runs.detail is 'figures of its own; of a failed one, why';

comment on column step_runs.started_at is 'when';

comment on column step_runs.ended_at is 'when; null while it runs';

comment on column task_runs.task_run_id is 'UUIDv7';

comment on column task_runs.run_id is '[pipeline_runs]';

comment on column task_runs.task is 'name';

comment on column task_runs.place is 'in its pipeline, from 0: each stands after those that it waits for';

comment on column task_runs.status is 'waiting, queued, running, succeeded, failed or skipped';

comment on column task_runs.tries is 'how often it has begun';

comment on column task_runs.input is 'null until it is queued';

comment on column task_runs.output is 'rows in and out, and figures; null until it has succeeded';

comment on column task_runs.error is 'why the last try failed; null otherwise';

comment on column task_runs.worker is 'who has or had it; null until then';

comment on column task_runs.queued_at is 'null until then';

comment on column task_runs.started_at is 'of the last try; null until then';

comment on column task_runs.ended_at is 'null until then';

comment on column tmdb_deletions.tmdb_id is 'TMDB''s id of the film [TMDB /movie/{id}: HTTP 404, status 34]';

comment on column tmdb_deletions.observed_at is 'when the answer was fetched; a body that was fetched later says that the film is back [archive manifest: observedAt]';

comment on column tmdb_deletions.manifest_key is 'the archive''s fetch with the answer [archive]';

comment on column tmdb_listings.tmdb_id is 'TMDB''s id';

comment on column tmdb_listings.sha256 is 'hash of the entry in discover''s list, in hexadecimal; null where no such list has named it';

comment on column tmdb_listings.fetched_at is 'when the details were fetched';

comment on column tmdb_listings.listed is 'false: TMDB still has it, but its list of ids does not name it any more';

comment on column tmdb_ratings.tmdb_id is 'TMDB''s id of the film [TMDB /movie/{id}: id]';

comment on column tmdb_ratings.observed_on is 'the day of the fetch [archive manifest: observedAt]';

comment on column tmdb_ratings.average is 'from 0 to 10 [TMDB /movie/{id}: vote_average]';

comment on column tmdb_ratings.votes is 'how many have voted [TMDB /movie/{id}: vote_count]';

comment on column tmdb_wanted.tmdb_id is 'TMDB''s id';

comment on column tmdb_wanted.sha256 is 'hash of the list''s entry, in hexadecimal; null where the list has none';

comment on column tmdb_wanted.feed is 'what named it: a list or changes, with its days';

comment on column tmdb_wanted.listed is 'false: a known film that TMDB''s list of ids does not name any more';

comment on column tmdb_wanted.failed_at is 'when its details could not be had although others could, to be tried again by the next collection; null: not tried, or not in this collection';

comment on column training_runs.run_id is 'UUIDv7';

comment on column training_runs.model_name is 'rating';

comment on column training_runs.status is 'running, succeeded or failed';

comment on column training_runs.parameters is 'settings and seed';

comment on column training_runs.metrics is 'artifacts and the report; null until it has succeeded';

comment on column training_runs.input_hash is 'identity of the set and the options; an equal run gives an equal model';

comment on column training_runs.dataset_hash is 'of the training set, in hexadecimal';

comment on column training_runs.views_hash is 'of the views that it was trained on, in hexadecimal';

comment on column training_runs.backend is 'of TensorFlow.js';

comment on column training_runs.error is 'null unless it failed';

comment on column training_runs.started_at is 'when';

comment on column training_runs.ended_at is 'when; null while it runs';

comment on column training_runs.feature_dataset is 'the dataset that the training set was read from, which is kept as long as the run; null for runs of an earlier release [feature_datasets]';

comment on column user_events.event_id is 'made at its origin';

comment on column user_events.type is 'rating, click, watch_start, watch_end or recommendation_click';

comment on column user_events.user_id is 'pseudonymous';

comment on column user_events.tmdb_id is 'the film that they named; need not be one of the catalog';

comment on column user_events.detail is 'of its type';

comment on column user_events.happened_at is 'as the client says';

comment on column user_events.received_at is 'when it was stored';

comment on column user_ratings.user_id is 'pseudonymous';

comment on column user_ratings.tmdb_id is 'the film';

comment on column user_ratings.rating is 'from 0 to 10';

comment on column user_ratings.rated_at is 'as the client says';

comment on column user_ratings.event_id is '[user_events]';
