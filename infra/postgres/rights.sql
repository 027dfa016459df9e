-- What services may write, on tables that migrations have made. May run again and again; a deployment runs it after
-- the worker has migrated.
grant insert, update on user_events, user_ratings to marquee_events;
grant insert, update on predictions to marquee_quality;
