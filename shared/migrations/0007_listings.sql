-- What TMDB's lists said of each film when its details were fetched last, so that a later crawl asks for the details of
-- new and changed films alone. Written by workhorse's sources.

create table tmdb_listings (
  tmdb_id integer primary key,
  sha256 text not null,
  fetched_at timestamptz not null
);
