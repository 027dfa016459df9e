-- Runs of pipelines, their tasks, and what the retrain governor decided. Written by controltower's scheduler; a task's
-- status, tries, output and error by workhorse's worker. The queue itself is pg-boss's own schema.

create table pipeline_runs (
  run_id uuid primary key,
  pipeline text not null,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed')),
  trigger text not null check (trigger in ('schedule', 'manual', 'alert')),
  triggered_by text not null,
  reason text not null,
  parameters jsonb not null default '{}',
  tick text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz
);
comment on column pipeline_runs.tick is 'the moment of the schedule that this run is for; makes a tick count once with any number of schedulers';
create unique index pipeline_runs_tick on pipeline_runs (pipeline, tick);
create unique index pipeline_runs_one_at_a_time on pipeline_runs (pipeline) where status in ('queued', 'running');
create index pipeline_runs_created on pipeline_runs (created_at);

create table task_runs (
  task_run_id uuid primary key,
  run_id uuid not null references pipeline_runs on delete cascade,
  task text not null,
  place integer not null,
  status text not null check (status in ('waiting', 'queued', 'running', 'succeeded', 'failed', 'skipped')),
  tries integer not null default 0,
  input jsonb,
  output jsonb,
  error text,
  worker text,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  unique (run_id, task)
);
comment on column task_runs.place is 'in its pipeline, from 0: each stands after those that it waits for';
comment on column task_runs.tries is 'how often it has begun';

-- Each alert that asked for a retrain, and the answer. Repeats of the same alert with the same answer are counted.
create table retrain_decisions (
  decision_id uuid primary key,
  fingerprint text not null,
  starts_at timestamptz not null,
  alert_name text not null,
  accepted boolean not null,
  code text not null,
  reason text not null,
  run_id uuid references pipeline_runs,
  times integer not null default 1,
  decided_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (fingerprint, starts_at, code)
);
create unique index retrain_decisions_acted_upon_once on retrain_decisions (fingerprint, starts_at) where accepted;
