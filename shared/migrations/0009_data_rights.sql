-- Data rights: which users are not to be stored any more, and the way to old rows. Written by workhorse's data-rights room.

create table erased_users (
  user_hash text primary key,
  erased_at timestamptz not null
);
comment on column erased_users.user_hash is 'SHA-256 of the pseudonymous id: tells an event of the user when one comes, and not who it was';

-- Rows come in the order of their time, so a summary of each range of pages is enough, and costs writers next to nothing.
create index user_events_received on user_events using brin (received_at);
create index predictions_age on predictions using brin (predicted_at);
