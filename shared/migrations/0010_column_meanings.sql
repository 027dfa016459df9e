-- What each table and column holds: meaning, unit, what null says, and in brackets where it comes from. docs/schema.md is
-- made from this.

comment on table movies is 'silver: Films as TMDB tells them, one row each; deleted ones stay, marked.';
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
comment on column movies.manifest_key is 'the archive''s fetch that this row was made from; null for rows of an earlier release [archive]';
comment on column movies.fetched_at is 'when that fetch was made; an older body never replaces a newer one [archive manifest: observedAt]';
comment on column movies.deleted_at is 'when TMDB was first seen to have deleted the film; null for films that are there [TMDB /movie/{id}: HTTP 404, status 34]';

comment on table collections is 'silver: Series of films.';
comment on column collections.collection_id is 'TMDB''s id [TMDB /movie/{id}: belongs_to_collection.id]';
comment on column collections.name is 'as of the newest body that names it [TMDB /movie/{id}: belongs_to_collection.name]';

comment on table people is 'silver: Everybody who is credited in a film.';
comment on column people.person_id is 'TMDB''s id [TMDB /movie/{id}: credits.*.id]';
comment on column people.name is 'as of the newest body that names the person [TMDB /movie/{id}: credits.*.name]';

comment on table companies is 'silver: Production companies.';
comment on column companies.company_id is 'TMDB''s id [TMDB /movie/{id}: production_companies.id]';
comment on column companies.name is 'as of the newest body that names it [TMDB /movie/{id}: production_companies.name]';

comment on table movie_genres is 'silver: Genres of films.';
comment on column movie_genres.tmdb_id is 'the film [movies]';
comment on column movie_genres.genre_id is 'TMDB''s id of the genre [TMDB /movie/{id}: genres.id]';

comment on table movie_companies is 'silver: Production companies of films.';
comment on column movie_companies.tmdb_id is 'the film [movies]';
comment on column movie_companies.company_id is 'the company [TMDB /movie/{id}: production_companies.id]';
comment on column movie_companies.position is 'place in TMDB''s list, from 0 [TMDB /movie/{id}: production_companies]';

comment on table credits is 'silver: Who did what in which film.';
comment on column credits.tmdb_id is 'the film [movies]';
comment on column credits.credit_id is 'TMDB''s id of the credit [TMDB /movie/{id}: credits.*.credit_id]';
comment on column credits.person_id is 'the person [TMDB /movie/{id}: credits.*.id]';
comment on column credits.department is 'Acting for the cast; Unknown where TMDB says nothing [TMDB /movie/{id}: credits.crew.department]';
comment on column credits.job is 'Actor for the cast; Unknown where TMDB says nothing [TMDB /movie/{id}: credits.crew.job]';
comment on column credits.billing is 'place in the cast list from 0; null for the crew, and where TMDB says nothing [TMDB /movie/{id}: credits.cast.order]';

comment on table link_conflicts is 'silver: Pairs of films that the two sources do not agree on, for a person to look at.';
comment on column link_conflicts.tmdb_id is 'the film at TMDB [movies]';
comment on column link_conflicts.imdb_number is 'the title at IMDb [imdb_titles]';
comment on column link_conflicts.kind is 'taken: another film has the title; year: the release years cannot both be right; ambiguous: several titles fit [the catalog''s links]';
comment on column link_conflicts.detail is 'what was found, in words [the catalog''s links]';
comment on column link_conflicts.score is 'how well the pair fits, from 0 to 1; null where it was not scored [the catalog''s links]';
comment on column link_conflicts.first_seen is 'when the conflict was found first';
comment on column link_conflicts.last_seen is 'when it was found last';

comment on table imdb_ratings is 'silver: IMDb''s average and votes on a day: a row holds from its day until the film''s next row. Append-only; not what our own users gave.';
comment on column imdb_ratings.imdb_number is 'IMDb''s number of the title [title.ratings: tconst]';
comment on column imdb_ratings.observed_on is 'the day of the file [title.ratings: Last-Modified]';
comment on column imdb_ratings.average is 'from 0 to 10 [title.ratings: averageRating]';
comment on column imdb_ratings.votes is 'how many have voted [title.ratings: numVotes]';

comment on table tmdb_ratings is 'silver: TMDB''s average and votes on a day: a row holds from its day until the film''s next row. Append-only; not what our own users gave.';
comment on column tmdb_ratings.tmdb_id is 'TMDB''s id of the film [TMDB /movie/{id}: id]';
comment on column tmdb_ratings.observed_on is 'the day of the fetch [archive manifest: observedAt]';
comment on column tmdb_ratings.average is 'from 0 to 10 [TMDB /movie/{id}: vote_average]';
comment on column tmdb_ratings.votes is 'how many have voted [TMDB /movie/{id}: vote_count]';

comment on view ratings is 'silver: Both sources'' observations with the ids as the sources write them: for people and dashboards.';
comment on column ratings.source is 'imdb or tmdb';
comment on column ratings.source_id is 'tt0133093, 603 [imdb_ratings, tmdb_ratings]';
comment on column ratings.observed_on is 'day [imdb_ratings, tmdb_ratings]';
comment on column ratings.average is 'from 0 to 10 [imdb_ratings, tmdb_ratings]';
comment on column ratings.votes is 'how many have voted [imdb_ratings, tmdb_ratings]';

comment on table imdb_titles is 'silver: IMDb''s titles that are films, as the latest file has them.';
comment on column imdb_titles.title_type is 'movie, tvMovie or video [title.basics: titleType]';
comment on column imdb_titles.primary_title is 'title by which the film is known [title.basics: primaryTitle]';
comment on column imdb_titles.original_title is 'null where IMDb says nothing [title.basics: originalTitle]';
comment on column imdb_titles.start_year is 'year of release; null where IMDb says nothing [title.basics: startYear]';
comment on column imdb_titles.runtime_minutes is 'minutes; null where IMDb says nothing [title.basics: runtimeMinutes]';
comment on column imdb_titles.imdb_number is 'IMDb''s number of the title [title.basics: tconst]';
comment on column imdb_titles.is_adult is '[title.basics: isAdult]';
comment on column imdb_titles.genres is 'at most three, by name; null where IMDb says nothing [title.basics: genres]';

comment on table imdb_people is 'silver: People who direct, write or play in those films.';
comment on column imdb_people.person_number is 'IMDb''s number of the person [name.basics: nconst]';
comment on column imdb_people.name is '[name.basics: primaryName]';
comment on column imdb_people.birth_year is 'null where IMDb says nothing [name.basics: birthYear]';
comment on column imdb_people.death_year is 'null for the living, and where IMDb says nothing [name.basics: deathYear]';

comment on table imdb_crew is 'silver: Directors and writers of those films.';
comment on column imdb_crew.imdb_number is 'the film [title.crew: tconst]';
comment on column imdb_crew.role is 'director or writer [title.crew: column]';
comment on column imdb_crew.person_number is 'the person [title.crew: directors, writers]';
comment on column imdb_crew.position is 'place in IMDb''s list, from 0 [title.crew]';

comment on table imdb_principals is 'silver: The main people of those films.';
comment on column imdb_principals.imdb_number is 'the film [title.principals: tconst]';
comment on column imdb_principals.ordering is 'IMDb''s order, from 1 [title.principals: ordering]';
comment on column imdb_principals.person_number is 'the person [title.principals: nconst]';
comment on column imdb_principals.category is 'such as actor, composer [title.principals: category]';
comment on column imdb_principals.job is 'null where IMDb says nothing more [title.principals: job]';
comment on column imdb_principals.characters is 'JSON list of names as IMDb writes it; null for who plays nobody [title.principals: characters]';

comment on table imdb_akas is 'silver: Other titles of those films.';
comment on column imdb_akas.imdb_number is 'the film [title.akas: titleId]';
comment on column imdb_akas.ordering is 'IMDb''s order, from 1 [title.akas: ordering]';
comment on column imdb_akas.title is '[title.akas: title]';
comment on column imdb_akas.region is 'country code; null where IMDb says nothing [title.akas: region]';
comment on column imdb_akas.language is 'language code; null where IMDb says nothing [title.akas: language]';
comment on column imdb_akas.types is 'such as imdbDisplay; null where IMDb says nothing [title.akas: types]';
comment on column imdb_akas.attributes is 'null where IMDb says nothing [title.akas: attributes]';
comment on column imdb_akas.is_original is '[title.akas: isOriginalTitle]';

comment on table quarantine is 'silver: What could not be taken into the catalog, and why. Nothing is dropped silently.';
comment on column quarantine.source is 'tmdb or imdb';
comment on column quarantine.source_id is 'the source''s id, or where in the source it stood';
comment on column quarantine.reason is 'a word to count by, such as schema or not_json';
comment on column quarantine.detail is 'what was wrong and what is accepted, in words';
comment on column quarantine.payload is 'what came, as it came; null where it is not kept';
comment on column quarantine.first_seen is 'when it was met first';
comment on column quarantine.last_seen is 'when it was met last';
comment on column quarantine.manifest_key is 'the archive''s fetch that it came with; null for rows of an earlier release';
comment on column quarantine.times_seen is 'how often it was met';

comment on table source_cursors is 'bronze: How far a source has been collected, so that a collection that was killed goes on where it was.';
comment on column source_cursors.source is 'tmdb or imdb';
comment on column source_cursors.cursor is 'as that source''s collection writes it';
comment on column source_cursors.updated_at is 'when it moved last';

comment on table archive_loads is 'bronze: Which of the archive''s fetches are in the catalog; written in the same transaction as their rows.';
comment on column archive_loads.manifest_key is 'the fetch''s manifest in the object store';
comment on column archive_loads.rows_in is 'bodies or lines read';
comment on column archive_loads.rows_loaded is 'of those, taken';
comment on column archive_loads.rows_quarantined is 'of those, quarantined';
comment on column archive_loads.loaded_at is 'when';
comment on column archive_loads.status is 'loaded, or refused by the quality gate';
comment on column archive_loads.reason is 'why it was refused; null for what is loaded';

comment on table snapshot_loads is 'bronze: Which state of each of IMDb''s snapshot files the tables hold.';
comment on column snapshot_loads.file is 'such as title.basics';
comment on column snapshot_loads.input_hash is 'identity of all files that its rows depend on';
comment on column snapshot_loads.manifest_key is 'the fetch''s manifest in the object store';
comment on column snapshot_loads.rows_in is 'lines read';
comment on column snapshot_loads.rows_loaded is 'of those, taken';
comment on column snapshot_loads.rows_quarantined is 'of those, quarantined';
comment on column snapshot_loads.rows_changed is 'rows that were new, changed or gone';
comment on column snapshot_loads.loaded_at is 'when';

comment on table tmdb_listings is 'bronze: What TMDB''s lists said of each film when its details were fetched last.';
comment on column tmdb_listings.tmdb_id is 'TMDB''s id';
comment on column tmdb_listings.sha256 is 'hash of the list''s entry and of what was asked, in hexadecimal';
comment on column tmdb_listings.fetched_at is 'when the details were fetched';

comment on table source_requests is 'bronze: How requests to the sources ended, summed over all collections.';
comment on column source_requests.source is 'tmdb or imdb';
comment on column source_requests.outcome is 'ok, unchanged, or the kind of failure';
comment on column source_requests.requests is 'how many';

comment on table source_fields is 'bronze: The fields that a source''s bodies have had.';
comment on column source_fields.source is 'tmdb';
comment on column source_fields.path is 'such as credits.cast[].name';
comment on column source_fields.bodies is 'bodies that had it';
comment on column source_fields.nulls is 'of those, null';
comment on column source_fields.first_seen is 'when it was met first';
comment on column source_fields.last_seen is 'when it was met last';

comment on table schema_drift is 'bronze: What moved in the form of a source''s bodies.';
comment on column schema_drift.source is 'tmdb';
comment on column schema_drift.path is 'of the field';
comment on column schema_drift.kind is 'new, missing, or null where it never was';
comment on column schema_drift.detail is 'in words with numbers';
comment on column schema_drift.first_seen is 'when it was met first';
comment on column schema_drift.last_seen is 'when it was met last';

comment on table step_runs is 'runs: Each step of the chain is a tracked run.';
comment on column step_runs.run_id is 'UUIDv7';
comment on column step_runs.step is 'collect, archive, catalog, features, train, register, materialize or retention';
comment on column step_runs.status is 'running, succeeded or failed';
comment on column step_runs.input_hash is 'identity of everything the step reads; an equal later run has nothing to do; null where a step always runs';
comment on column step_runs.rows_in is 'null until it has succeeded';
comment on column step_runs.rows_out is 'null until it has succeeded';
comment on column step_runs.detail is 'figures of its own; of a failed one, why';
comment on column step_runs.started_at is 'when';
comment on column step_runs.ended_at is 'when; null while it runs';

comment on table quality_checks is 'runs: The quality gate''s figures of each load.';
comment on column quality_checks.run_id is 'the run [step_runs]';
comment on column quality_checks.subject is 'table or file';
comment on column quality_checks.metric is 'what was measured, such as rows';
comment on column quality_checks.layer is 'bronze, silver or gold';
comment on column quality_checks.value is 'shares are from 0 to 1; null where it could not be measured';
comment on column quality_checks.expected is 'in words with numbers';
comment on column quality_checks.verdict is 'pass, warn or stop';
comment on column quality_checks.checked_at is 'when';

comment on table quality_acceptances is 'runs: A person''s word that a stopped load is right after all.';
comment on column quality_acceptances.run_id is 'the stopped run [step_runs]';
comment on column quality_acceptances.accepted_by is 'who';
comment on column quality_acceptances.reason is 'why';
comment on column quality_acceptances.accepted_at is 'when';

comment on table feature_views is 'gold: Each version of each feature view.';
comment on column feature_views.name is 'of the view';
comment on column feature_views.version is 'from 1';
comment on column feature_views.hash is 'of the definition, in hexadecimal';
comment on column feature_views.definition is 'entity, columns with types, units and defaults, time to live, source';
comment on column feature_views.registered_at is 'when';

comment on table feature_movies is 'gold: Each film''s features.';
comment on column feature_movies.tmdb_id is 'the film [movies]';
comment on column feature_movies.as_of is 'the earlier of the release date and the day of the build; only facts from strictly before are in the values';
comment on column feature_movies.views_hash is 'of all views together, in hexadecimal';
comment on column feature_movies."values" is 'one number per column of the views, in their order; NaN where unknown';

comment on table training_runs is 'registry: Each training of a model.';
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

comment on table model_versions is 'registry: Versions of models. They never change.';
comment on column model_versions.model_name is 'rating';
comment on column model_versions.version is 'from 1';
comment on column model_versions.run_id is 'the training [training_runs]';
comment on column model_versions.artifact_key is 'folder in the object store';
comment on column model_versions.artifact_sha256 is 'of the artifact, in hexadecimal';
comment on column model_versions.metrics is 'of the test, as they were when it was registered';
comment on column model_versions.registered_at is 'when';

comment on table model_aliases is 'registry: Which version an alias names now.';
comment on column model_aliases.model_name is 'rating';
comment on column model_aliases.alias is 'champion, challenger or previous';
comment on column model_aliases.version is '[model_versions]';
comment on column model_aliases.moved_at is 'when';

comment on table model_alias_moves is 'registry: Each move of an alias. They never change.';
comment on column model_alias_moves.move_id is 'in the order of the moves';
comment on column model_alias_moves.model_name is 'rating';
comment on column model_alias_moves.alias is 'champion, challenger or previous';
comment on column model_alias_moves.from_version is 'null for an alias that named nothing';
comment on column model_alias_moves.to_version is '[model_versions]';
comment on column model_alias_moves.moved_by is 'the gate, or a person';
comment on column model_alias_moves.reason is 'why';
comment on column model_alias_moves.metrics is 'of that moment';
comment on column model_alias_moves.moved_at is 'when';

comment on table pipeline_runs is 'pipelines: Runs of pipelines.';
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

comment on table task_runs is 'pipelines: Tasks of those runs.';
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

comment on table retrain_decisions is 'pipelines: Each alert that asked for a retrain, and the answer.';
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

comment on table bus_messages is 'events: The event bus where no Kafka is configured.';
comment on column bus_messages.topic is '[topics]';
comment on column bus_messages.seq is 'publishers of one topic wait for each other, so that none becomes visible after a later one';
comment on column bus_messages.message_id is 'made at its origin';
comment on column bus_messages.key is 'what keeps its order';
comment on column bus_messages.value is 'JSON';
comment on column bus_messages.published_at is 'when';

comment on table bus_positions is 'events: How far consumer groups have read.';
comment on column bus_positions.consumer_group is 'name';
comment on column bus_positions.topic is '[topics]';
comment on column bus_positions.seq is 'the last message that the group has stored; whoever has locked the row takes the next ones';

comment on table user_events is 'events: What users did.';
comment on column user_events.event_id is 'made at its origin';
comment on column user_events.type is 'rating, click, watch_start, watch_end or recommendation_click';
comment on column user_events.user_id is 'pseudonymous';
comment on column user_events.tmdb_id is 'the film that they named; need not be one of the catalog';
comment on column user_events.detail is 'of its type';
comment on column user_events.happened_at is 'as the client says';
comment on column user_events.received_at is 'when it was stored';

comment on table user_ratings is 'events: What one user of ours gave a film, the latest. Not a rating observation, and never a trigger of retraining.';
comment on column user_ratings.user_id is 'pseudonymous';
comment on column user_ratings.tmdb_id is 'the film';
comment on column user_ratings.rating is 'from 0 to 10';
comment on column user_ratings.rated_at is 'as the client says';
comment on column user_ratings.event_id is '[user_events]';

comment on table predictions is 'events: What was answered, for live error.';
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

comment on table log_lines is 'events: Log lines where no Elasticsearch is configured; capped, the oldest go first.';
comment on column log_lines.line_id is 'made at its origin';
comment on column log_lines.logged_at is 'when';
comment on column log_lines.service is 'who wrote it';
comment on column log_lines.level is 'trace, debug, info, warn, error or fatal';
comment on column log_lines.trace_id is 'of the request or run; null for others';
comment on column log_lines.line is 'whole';

comment on table schema_migrations is 'runs: Migrations that have run.';
comment on column schema_migrations.version is 'number of the file in shared/migrations';
comment on column schema_migrations.name is 'of the file';
comment on column schema_migrations.hash is 'of its text, in hexadecimal';
comment on column schema_migrations.applied_at is 'when';

comment on table erased_users is 'events: Users who were erased and are not to be stored again.';
comment on column erased_users.user_hash is 'SHA-256 of the pseudonymous id: tells an event of the user when one comes, and not who it was';
comment on column erased_users.erased_at is 'when';
