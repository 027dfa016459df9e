-- Silver at full size: who said what and when, ratings as they change, the links between the two sources, and what each
-- load was worth. Written by workhorse's catalog and data-quality rooms.

-- Films: which fetch a row was made from, what TMDB itself says of the IMDb id, and how the link was found.
alter table movies
  add column external_imdb_id text,
  add column imdb_link text check (imdb_link in ('external_id', 'title_year_director')),
  add column imdb_link_score real check (imdb_link_score between 0 and 1),
  add column imdb_number integer generated always as (substr(imdb_id, 3)::integer) stored,
  add column manifest_key text,
  add column fetched_at timestamptz not null default '1970-01-01 00:00:00+00',
  add column deleted_at timestamptz;
update movies set external_imdb_id = imdb_id;
update movies set imdb_link = 'external_id', imdb_link_score = 1 where imdb_id is not null;
create index movies_imdb_number on movies (imdb_number);
create index movies_collection on movies (collection_id);
create index movie_companies_company on movie_companies (company_id);

-- A pair of films that the two sources do not agree on, for a person to look at.
create table link_conflicts (
  tmdb_id integer not null references movies on delete cascade,
  imdb_number integer not null,
  kind text not null check (kind in ('taken', 'year', 'ambiguous')),
  detail text not null,
  score real check (score between 0 and 1),
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (tmdb_id, imdb_number, kind)
);

-- Rating observations, a table per source with the source's own number, so that a day's whole file is loaded in the
-- time that copying it takes. A row is what the source said from its day on, until the title's next row. Append-only.
create table imdb_ratings (
  imdb_number integer not null,
  observed_on date not null,
  average real not null check (average between 0 and 10),
  votes integer not null check (votes >= 0),
  constraint imdb_ratings_pkey primary key (imdb_number, observed_on)
);
create table tmdb_ratings (
  tmdb_id integer not null,
  observed_on date not null,
  average real not null check (average between 0 and 10),
  votes integer not null check (votes >= 0),
  primary key (tmdb_id, observed_on)
);
insert into imdb_ratings select substr(source_id, 3)::integer, observed_on, average, votes from ratings where source = 'imdb';
insert into tmdb_ratings select source_id::integer, observed_on, average, votes from ratings where source = 'tmdb';
drop table ratings;

-- IMDb's number as IMDb writes it.
create function imdb_id(imdb_number integer) returns text
  language sql immutable parallel safe
  return 'tt' || lpad(imdb_number::text, greatest(7, length(imdb_number::text)), '0');

-- Both sources' observations for people and dashboards; what joins films reads the tables.
create view ratings as
  select 'imdb' as source, imdb_id(imdb_number) as source_id, observed_on, average, votes from imdb_ratings
  union all
  select 'tmdb', tmdb_id::text, observed_on, average, votes from tmdb_ratings;

-- IMDb's titles that are films, and what hangs on them: what the latest files say.
alter table imdb_titles add column imdb_number integer;
update imdb_titles set imdb_number = substr(imdb_id, 3)::integer;
alter table imdb_titles
  drop constraint imdb_titles_pkey,
  drop column imdb_id,
  alter column imdb_number set not null,
  add primary key (imdb_number),
  add column is_adult boolean not null default false,
  add column genres text[];
create table imdb_people (
  person_number integer primary key,
  name text not null,
  birth_year integer,
  death_year integer
);
create table imdb_crew (
  imdb_number integer not null references imdb_titles on delete cascade,
  role text not null check (role in ('director', 'writer')),
  person_number integer not null,
  position integer not null,
  primary key (imdb_number, role, person_number)
);
create index imdb_crew_person on imdb_crew (person_number);
create table imdb_principals (
  imdb_number integer not null references imdb_titles on delete cascade,
  ordering integer not null,
  person_number integer not null,
  category text not null,
  job text,
  characters text,
  primary key (imdb_number, ordering)
);
create table imdb_akas (
  imdb_number integer not null references imdb_titles on delete cascade,
  ordering integer not null,
  title text not null,
  region text,
  language text,
  types text,
  attributes text,
  is_original boolean not null,
  primary key (imdb_number, ordering)
);

-- Which state of each of IMDb's files the tables hold. What depends on other files is loaded anew when those change.
create table snapshot_loads (
  file text primary key,
  input_hash text not null,
  manifest_key text not null,
  rows_in integer not null,
  rows_loaded integer not null,
  rows_quarantined integer not null,
  rows_changed integer not null,
  loaded_at timestamptz not null
);

-- A fetch that the quality gate stopped is noted as refused: it is not loaded until a person accepts it.
alter table archive_loads
  add column status text not null default 'loaded' check (status in ('loaded', 'refused')),
  add column reason text;

-- What could not be taken: from which fetch, so that it can be tried again after a fix, and how often it was seen.
alter table quarantine
  add column manifest_key text,
  add column times_seen integer not null default 1;
create index quarantine_manifest on quarantine (manifest_key);

-- How requests to the sources ended, summed over all collections: `ok`, `unchanged` and each kind of failure.
create table source_requests (
  source text not null check (source in ('tmdb', 'imdb')),
  outcome text not null,
  requests bigint not null,
  primary key (source, outcome)
);

-- The fields that a source's bodies have had, and what moved. Fields are paths such as `credits.cast[].name`.
create table source_fields (
  source text not null,
  path text not null,
  bodies bigint not null,
  nulls bigint not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (source, path)
);
create table schema_drift (
  source text not null,
  path text not null,
  kind text not null check (kind in ('new', 'missing', 'null')),
  detail text not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (source, path, kind)
);

-- The quality gate's figures of each load.
create table quality_checks (
  run_id uuid not null references step_runs on delete cascade,
  subject text not null,
  metric text not null,
  layer text not null check (layer in ('bronze', 'silver', 'gold')),
  value double precision,
  expected text not null,
  verdict text not null check (verdict in ('pass', 'warn', 'stop')),
  checked_at timestamptz not null,
  primary key (run_id, subject, metric)
);
-- A person's word that a stopped load is right after all.
create table quality_acceptances (
  run_id uuid primary key references step_runs on delete cascade,
  accepted_by text not null,
  reason text not null,
  accepted_at timestamptz not null
);

-- Films of an earlier release: they are loaded again from the archive, which changes no row that is right, says of each
-- which fetch it was made from, and brings back those that had left for the quarantine because of their years.
delete from archive_loads where manifest_key like 'archive/manifests/tmdb/%';
update step_runs set input_hash = null where step = 'catalog';
