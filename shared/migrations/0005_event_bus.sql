-- The event bus where no Kafka is configured. Written through shared/src/backing/event-bus alone.

create table bus_messages (
  topic text not null,
  seq bigint generated always as identity,
  message_id text not null,
  key text not null,
  value text not null,
  published_at timestamptz not null default clock_timestamp(),
  primary key (topic, seq)
);
comment on column bus_messages.seq is 'publishers of one topic wait for each other, so that none becomes visible after a later one';
create index bus_messages_published on bus_messages (topic, published_at);

create table bus_positions (
  consumer_group text not null,
  topic text not null,
  seq bigint not null,
  primary key (consumer_group, topic)
);
comment on column bus_positions.seq is 'the last message that the group has stored; whoever has locked the row takes the next ones';
