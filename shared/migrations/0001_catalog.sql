-- Silver: what the archive's raw payloads say, typed and cleaned. Written by workhorse's catalog room alone.

create table collections (
  collection_id integer primary key,
  name text not null
);

create table movies (
  tmdb_id integer primary key,
  imdb_id text,
  title text not null,
  original_title text,
  original_language text,
  release_date date,
  status text,
  runtime_minutes integer check (runtime_minutes > 0),
  budget_usd bigint check (budget_usd > 0),
  revenue_usd bigint check (revenue_usd > 0),
  overview text,
  tagline text,
  collection_id integer references collections,
  payload_sha256 text not null
);
comment on column movies.runtime_minutes is 'null where TMDB says 0, its word for unknown';
comment on column movies.budget_usd is 'US dollars of the time; null where TMDB says 0';
comment on column movies.payload_sha256 is 'hash of the raw body in the archive that this row was made from';
create index movies_imdb_id on movies (imdb_id);
create index movies_release_date on movies (release_date);

create table movie_genres (
  tmdb_id integer not null references movies on delete cascade,
  genre_id integer not null,
  primary key (tmdb_id, genre_id)
);

create table people (
  person_id integer primary key,
  name text not null
);

create table credits (
  tmdb_id integer not null references movies on delete cascade,
  credit_id text not null,
  person_id integer not null references people,
  department text not null,
  job text not null,
  billing integer,
  primary key (tmdb_id, credit_id)
);
comment on column credits.billing is 'place in the cast list from 0; null for the crew';
create index credits_person on credits (person_id);

create table companies (
  company_id integer primary key,
  name text not null
);

create table movie_companies (
  tmdb_id integer not null references movies on delete cascade,
  company_id integer not null references companies,
  position integer not null,
  primary key (tmdb_id, company_id)
);

create table imdb_titles (
  imdb_id text primary key,
  title_type text not null,
  primary_title text not null,
  original_title text,
  start_year integer,
  runtime_minutes integer
);

-- Rating observations: a source's average and votes on a day. Append-only; not what our own users gave.
create table ratings (
  source text not null check (source in ('imdb', 'tmdb')),
  source_id text not null,
  observed_on date not null,
  average numeric(5, 3) not null check (average between 0 and 10),
  votes integer not null check (votes >= 0),
  primary key (source, source_id, observed_on)
);

-- What could not be taken into the catalog, and why. Nothing is dropped silently.
create table quarantine (
  source text not null,
  source_id text not null,
  reason text not null,
  detail text not null,
  payload jsonb,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (source, source_id, reason)
);

-- How far a source has been collected, so that a crawl that was killed goes on where it was.
create table source_cursors (
  source text primary key,
  cursor jsonb not null,
  updated_at timestamptz not null
);

-- Which of the archive's fetches are in the catalog; written in the same transaction as their rows.
create table archive_loads (
  manifest_key text primary key,
  rows_in integer not null,
  rows_loaded integer not null,
  rows_quarantined integer not null,
  loaded_at timestamptz not null
);

-- Each step of the chain is a tracked run.
create table step_runs (
  run_id uuid primary key,
  step text not null,
  status text not null check (status in ('running', 'succeeded', 'failed')),
  input_hash text,
  rows_in integer,
  rows_out integer,
  detail jsonb not null default '{}',
  started_at timestamptz not null,
  ended_at timestamptz
);
comment on column step_runs.input_hash is 'identity of everything the step reads; an equal later run has nothing to do';
create index step_runs_step on step_runs (step, started_at);
