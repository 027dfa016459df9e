-- A role per service. Passwords are set by 20-passwords.sh; without one a role cannot log in.
-- What each may do beyond reading: rights.sql, once the tables are there.

-- Owns the schema. Worker and scheduler act as it, since they migrate and keep the task queue.
create role marquee_owner nologin;
do $$ begin execute format('alter database %I owner to marquee_owner', current_database()); end $$;
alter schema public owner to marquee_owner;
revoke all on schema public from public;

create role marquee_worker login noinherit;
create role marquee_scheduler login noinherit;
grant marquee_owner to marquee_worker, marquee_scheduler;
alter role marquee_worker set role = 'marquee_owner';
alter role marquee_scheduler set role = 'marquee_owner';

-- Sees every table that there is or will be.
create role marquee_reader nologin;
grant usage on schema public to marquee_reader;
alter default privileges for role marquee_owner in schema public grant select on tables to marquee_reader;

create role marquee_serving login;
create role marquee_feature_server login;
create role marquee_events login;
create role marquee_quality login;
create role marquee_logs login;
grant marquee_reader to marquee_serving, marquee_feature_server, marquee_events, marquee_quality, marquee_logs;

create role marquee_exporter login;
grant pg_monitor to marquee_exporter;
