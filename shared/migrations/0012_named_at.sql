-- What is remembered of fetches so that the order in which they are loaded makes no difference: an answer that a film is
-- gone may come before the film, and a name may come from a body that its film no longer shows.

create table tmdb_deletions (
  tmdb_id integer primary key,
  observed_at timestamptz not null,
  manifest_key text not null
);
comment on table tmdb_deletions is 'silver: When TMDB last said that it has a film no more, also of films that the catalog does not know.';
comment on column tmdb_deletions.tmdb_id is 'TMDB''s id of the film [TMDB /movie/{id}: HTTP 404, status 34]';
comment on column tmdb_deletions.observed_at is 'when the answer was fetched; a body that was fetched later says that the film is back [archive manifest: observedAt]';
comment on column tmdb_deletions.manifest_key is 'the archive''s fetch with the answer [archive]';
insert into tmdb_deletions
  select tmdb_id, fetched_at, manifest_key from movies where deleted_at is not null and manifest_key is not null;

alter table people add column named_at timestamptz;
alter table companies add column named_at timestamptz;
alter table collections add column named_at timestamptz;
comment on column people.named_at is 'when a body was fetched that named the person and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';
comment on column companies.named_at is 'when a body was fetched that named the company and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';
comment on column collections.named_at is 'when a body was fetched that named the collection and that its film has been told otherwise since; null: none of those was the newest [archive manifest: observedAt]';

comment on column movies.manifest_key is 'the archive''s fetch of the newest body, which this row says; null for rows of an earlier release [archive]';
comment on column movies.fetched_at is 'when that fetch was made; an older body never replaces a newer one [archive manifest: observedAt]';
