/** What `npm start -- --help` prints. A test holds it against the settings. */
export const HELP = `Marquee on this machine: collects, trains, serves, watches and retrains, everything in one process and one folder.

Usage: npm start -- [options]

Options
  --port N         port of the API and its documentation      PORT, default 8080; 0 takes any free one
  --host ADDRESS   address to listen on                       HOST, default 127.0.0.1
  --home DIR       folder for the database, archive, models   MARQUEE_HOME, default .marquee
  --data DIR       films to use instead of the sample: a folder of recorded TMDB and IMDb data
                   (infra/sandbox/README.md says in which form)
  --fresh          forget what this profile has (database, archive, models, log) and begin anew
  --help           this text

Settings (environment, .env, .env.<MARQUEE_ENV>; .env.example explains all)
  TMDB_API_KEY              a key of your own: collects from the real TMDB and IMDb instead of the sample
  TMDB_MIN_VOTES            only films with at least so many votes on TMDB; 50 keeps a first crawl under half an hour
  TMDB_REQUESTS_PER_SECOND  default 40, what TMDB asks for; 0: no limit. TMDB_CONCURRENCY of them at a time, default 16
  TMDB_EXPORT_URL           where TMDB's daily lists of ids are; SOURCE_SILENCE_MS without a byte, default 30000, end a
                            request to a source; twice that for the first
  MATURITY_DAYS             days until another film's rating counts in features, default 0
  TRAINING_BACKEND          auto, wasm or native; TRAINING_SEED, TRAINING_TEST_FROM (a day)
  SHOW_SOURCE_RATINGS       true or false: IMDb's rating beside the prediction; default true, in production false
  LOG_LEVEL                 default info; the log is <home>/<profile>/marquee.log

Servers of your own instead of the embedded ones
  DATABASE_URL              PostgreSQL 15 or newer
  OBJECT_STORE_URL          file:///folder or s3://bucket/prefix for the archive and the models
  S3_ENDPOINT               an S3-compatible server's address; unset: Amazon's of AWS_REGION. Credentials as the AWS SDK
                            finds them in the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role
  REDIS_URL                 redis://user:password@host:6379/0 for features online, instead of memory; of a cluster
                            redis+cluster://user:password@host:6379,host:6379; with rediss instead of redis for TLS
  KAFKA_BROKERS             host:9092,host:9092 for events and log lines, with KAFKA_TLS, KAFKA_USERNAME, KAFKA_PASSWORD
                            and KAFKA_SASL_MECHANISM; the profile's name is put in front of its topics
  SPOOL_FOLDER              what cannot be sent now waits here, default <home>/<profile>/spool, up to SPOOL_MAX_MEGABYTES
  ELASTICSEARCH_URL         for log lines, with ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and
                            ELASTICSEARCH_PASSWORD
  MLFLOW_TRACKING_URI       mirrors runs and models, with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD

Pipelines
  DAILY_SCHEDULE            cron: when what is new is collected and features are made, default "0 */6 * * *"
  TRAIN_SCHEDULE            cron: when a new model is trained, default "0 6 * * 1"; both in TIME_ZONE, default Asia/Seoul
  SKEW_SCHEDULE             cron: when online features are compared with those that were built, default "40 * * * *"
  RETRAIN_MAX_PER_DAY       of retrains that alerts ask for, default 3; with RETRAIN_COOL_DOWN_SECONDS between two, and
                            RETRAIN_MIN_NEW_RATINGS that the champion has not seen
  SCHEDULER_API_TOKEN       for /api, ALERTMANAGER_WEBHOOK_TOKEN for /webhooks/alertmanager, FEATURE_SERVER_TOKEN for
                            /features: bearer tokens that callers bring. Unset: open to this machine, and left out
                            where HOST is not this machine alone
  QUALITY_INTERVAL_SECONDS  between two looks at live error and drift, default 60; drift over QUALITY_PSI_DAYS, from
                            QUALITY_PSI_MIN_PREDICTIONS predictions on
  MARQUEE_ACTOR             who is noted as having registered a version of a feature view, default the user and host

How long things are kept, in days, 0 for ever (docs/data-licences.md)
  TMDB_RETENTION_DAYS       raw fetches and what was made from nothing newer, default 0; IMDB_RETENTION_DAYS
  USER_EVENTS_RETENTION_DAYS default 400; USER_RATINGS_RETENTION_DAYS 0, PREDICTIONS_RETENTION_DAYS 400,
                            RUNS_RETENTION_DAYS 365, FEATURES_RETENTION_DAYS 30, LOG_RETENTION_DAYS 30; looked after as
                            RETENTION_SCHEDULE says
  EVENTS_TOPIC_RETENTION_DAYS 30, PREDICTIONS_TOPIC_RETENTION_DAYS 30, LOGS_TOPIC_RETENTION_DAYS 3 and
                            DEAD_TOPICS_RETENTION_DAYS 90: of messages on the event bus

Backups (npm run marquee -- backup --help)
  BACKUP_SCHEDULE           cron: when database and models are backed up, default "30 3 * * *"
  BACKUP_STORE_URL          file:///folder or s3://bucket/prefix for them, default the object store's own
  BACKUP_KEEP_DAILY         days that keep one, default 7; BACKUP_KEEP_WEEKLY 4, BACKUP_KEEP_MONTHLY 12

Ctrl-C stops clean. What was done is kept: the next start goes on where this one was.`;
