-- What of TMDB is still to be fetched, so that a crawl of a million films goes on where it was killed. Written by
-- workhorse's sources.

create table tmdb_wanted (
  tmdb_id integer primary key,
  sha256 text,
  feed text not null,
  listed boolean not null,
  failed_at timestamptz
);

alter table tmdb_listings
  alter column sha256 drop not null,
  add column listed boolean not null default true;

comment on table tmdb_wanted is 'bronze: Films of TMDB whose details are still to be fetched.';
comment on column tmdb_wanted.tmdb_id is 'TMDB''s id';
comment on column tmdb_wanted.sha256 is 'hash of the list''s entry, in hexadecimal; null where the list has none';
comment on column tmdb_wanted.feed is 'what named it: a list or changes, with its days';
comment on column tmdb_wanted.listed is 'false: a known film that TMDB''s list of ids does not name any more';
comment on column tmdb_wanted.failed_at is 'when its details could not be had although others could, to be tried again by the next collection; null: not tried, or not in this collection';
comment on column tmdb_listings.sha256 is 'hash of the entry in discover''s list, in hexadecimal; null where no such list has named it';
comment on column tmdb_listings.listed is 'false: TMDB still has it, but its list of ids does not name it any more';
