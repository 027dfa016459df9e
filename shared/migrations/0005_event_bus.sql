-- The event bus where no Kafka is configured. Written through shared/src/backing/event-bus alone.

create table bus_messages (
  topic text not null,
  seq bigint generated always as identity,
  message_id uuid not null,
  key text not null,
  value text not null,
  published_at timestamptz not null default now(),
  primary key (topic, seq)
);

create table bus_positions (
  consumer_group text not null,
  topic text not null,
  seq bigint not null,
  primary key (consumer_group, topic)
);
comment on column bus_positions.seq is 'the last message that the group has stored';
