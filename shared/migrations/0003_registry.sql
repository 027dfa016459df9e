-- Runs, model versions and the aliases that point to them. PostgreSQL is the truth.

create table training_runs (
  run_id uuid primary key,
  model_name text not null,
  status text not null check (status in ('running', 'succeeded', 'failed')),
  parameters jsonb not null,
  metrics jsonb,
  input_hash text not null,
  dataset_hash text not null,
  views_hash text not null,
  backend text not null,
  error text,
  started_at timestamptz not null,
  ended_at timestamptz
);
create index training_runs_started on training_runs (model_name, started_at);

create table model_versions (
  model_name text not null,
  version integer not null check (version > 0),
  run_id uuid not null unique references training_runs,
  artifact_key text not null,
  artifact_sha256 text not null,
  metrics jsonb not null,
  registered_at timestamptz not null,
  primary key (model_name, version)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % never change', tg_table_name;
end $$;
create trigger model_versions_never_change before update or delete on model_versions
  for each row execute function refuse_change();

create table model_aliases (
  model_name text not null,
  alias text not null check (alias in ('champion', 'challenger', 'previous')),
  version integer not null,
  moved_at timestamptz not null,
  primary key (model_name, alias),
  foreign key (model_name, version) references model_versions
);

create table model_alias_moves (
  move_id bigint generated always as identity primary key,
  model_name text not null,
  alias text not null,
  from_version integer,
  to_version integer not null,
  moved_by text not null,
  reason text not null,
  metrics jsonb not null,
  moved_at timestamptz not null,
  foreign key (model_name, to_version) references model_versions (model_name, version)
);
create trigger model_alias_moves_never_change before update or delete on model_alias_moves
  for each row execute function refuse_change();
