-- The intake of EscrowMQ: applications leave messages here within their own transactions.
-- Every name is qualified, so it does not matter where the script is run.

create schema if not exists ${schema};

-- No checks here: a statement prepares those of a table anew each time, which costs more than the insert. escrowmq_send
-- looks at what it is given, and the server puts aside what somebody else inserted and cannot be sent.
create table ${schema}.escrow_intake (
  id             bigint generated always as identity primary key,
  topic          text   not null,
  body           bytea  not null,
  message_keys   text,
  tags           text,
  properties     jsonb,
  ordering_key   text,
  deliver_at_ms  bigint,
  enqueued_at_ms bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  tx             xid8   not null default pg_current_xact_id()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
        autovacuum_vacuum_cost_delay = 0);

-- Rows of transactions that ended before all were moved need not be looked at again, though an old snapshot keeps them.
create index escrow_intake_by_tx on ${schema}.escrow_intake (tx);

-- Bodies live for milliseconds: compressing them is not worth it.
alter table ${schema}.escrow_intake alter column body set storage external;

-- What can never be sent, with the reason.
create table ${schema}.escrow_intake_rejected (
  id             bigint primary key,
  topic          text   not null,
  body           bytea  not null,
  message_keys   text,
  tags           text,
  properties     jsonb,
  ordering_key   text,
  deliver_at_ms  bigint,
  enqueued_at_ms bigint not null,
  rejected_at_ms bigint not null,
  reason         text   not null
);

-- One row: the version of these tables, the number in their messages' unique keys, and the store that moves the rows.
create table ${schema}.escrow_intake_state (
  only_row boolean primary key default true check (only_row),
  version  integer not null,
  source   bigint  not null,
  store    text    not null default ''
);

insert into ${schema}.escrow_intake_state (version, source)
  values (1, ('x' || substr(md5(random()::text || clock_timestamp()::text || pg_backend_pid()::text), 1, 15))::bit(60)::bigint);

-- A server that has had nothing to do for a while asks to be called.
create table ${schema}.escrow_intake_mover (
  part   integer primary key,
  asleep boolean not null
) with (fillfactor = 50);

-- What a message may have beside topic and body.
create function ${schema}.escrow_intake_check(
    message_keys text, tags text, properties jsonb, ordering_key text, deliver_at timestamptz)
  returns void
  language plpgsql
as $$
begin
  if octet_length(message_keys) > 4096 or octet_length(tags) > 4096 then
    raise check_violation using
      message = format('the keys have %s bytes, the tags %s', octet_length(message_keys), octet_length(tags)),
      hint = 'Each may have 4096.';
  elsif octet_length(ordering_key) not between 1 and 1024 then
    raise check_violation using
      message = format('the ordering key has %s bytes', octet_length(ordering_key)),
      hint = 'It may have 1 to 1024; null if order does not matter.';
  elsif jsonb_typeof(properties) <> 'object' or octet_length(properties::text) > 24576 then
    raise check_violation using
      message = format('the properties are of type %s and have %s bytes', jsonb_typeof(properties), octet_length(properties::text)),
      hint = 'They must be one flat object of at most 24576 bytes.';
  elsif deliver_at < timestamptz 'epoch' or deliver_at = timestamptz 'infinity' then
    raise check_violation using
      message = format('a message cannot be delivered at %s', deliver_at),
      hint = 'Name a time after 1970.';
  end if;
end
$$;

-- Leaves a message in the transaction that calls it. Gives the message's unique key.
create function ${schema}.escrowmq_send(
    topic text,
    body bytea,
    message_keys text default null,
    tags text default null,
    properties jsonb default null,
    ordering_key text default null,
    deliver_at timestamptz default null)
  returns text
  language plpgsql
as $$
declare
  unique_key text;
  asleep     boolean;
begin
  -- Every expression costs time in each transaction, so the usual call meets few of them.
  if topic ~ '[^A-Za-z0-9_|%-]' or topic ~ '^(%|$)' or octet_length(topic) > 127 then
    raise check_violation using
      message = format('no topic can be called %L', left(topic, 200)),
      hint = 'Names have 1 to 127 characters of A-Z, a-z, 0-9, _, -, | and %, and do not begin with %.';
  end if;
  if octet_length(body) > 4194304 then
    raise check_violation using
      message = format('the body has %s bytes; a message carries at most 4194304', octet_length(body)),
      hint = 'Store it elsewhere and send where it is.';
  end if;
  if num_nonnulls(message_keys, tags, properties, ordering_key, deliver_at) > 0 then
    perform ${schema}.escrow_intake_check(message_keys, tags, properties, ordering_key, deliver_at);
  end if;
  insert into ${schema}.escrow_intake (topic, body, message_keys, tags, properties, ordering_key, deliver_at_ms)
    values (escrowmq_send.topic, escrowmq_send.body, escrowmq_send.message_keys, escrowmq_send.tags,
            escrowmq_send.properties, escrowmq_send.ordering_key,
            (extract(epoch from escrowmq_send.deliver_at) * 1000)::bigint)
    returning upper(lpad(to_hex((select s.source from ${schema}.escrow_intake_state s)), 16, '0') || lpad(to_hex(id), 16, '0')),
              exists (select 1 from ${schema}.escrow_intake_mover m where m.asleep)
    into unique_key, asleep;
  if asleep then
    perform pg_notify('escrowmq_intake', '');
  end if;
  return unique_key;
end
$$;

-- The same for a body that is text; it travels as UTF-8.
create function ${schema}.escrowmq_send(
    topic text,
    body text,
    message_keys text default null,
    tags text default null,
    properties jsonb default null,
    ordering_key text default null,
    deliver_at timestamptz default null)
  returns text
  language sql
as $$
  select ${schema}.escrowmq_send(topic, convert_to(body, 'UTF8'), message_keys, tags, properties, ordering_key, deliver_at)
$$;

-- Gives a rejected message another chance, under a new unique key, which it returns; null if there is none.
create function ${schema}.escrowmq_send_again(rejected bigint)
  returns text
  language sql
as $$
  with again as (delete from ${schema}.escrow_intake_rejected where id = rejected returning *)
  select ${schema}.escrowmq_send(topic, body, message_keys, tags, properties, ordering_key,
                                 to_timestamp(deliver_at_ms / 1000.0))
    from again
$$;

-- Functions may be called by everybody until that is taken back; without rights on the tables they do nothing.
-- For the role of the application:
--   grant usage on schema ${schema} to APPLICATION;
--   grant insert on ${schema}.escrow_intake to APPLICATION;
--   grant select (id) on ${schema}.escrow_intake to APPLICATION;
--   grant select on ${schema}.escrow_intake_state, ${schema}.escrow_intake_mover to APPLICATION;
-- For the role of the server:
--   grant usage on schema ${schema} to SERVER;
--   grant select, update, delete on ${schema}.escrow_intake to SERVER;
--   grant select, insert on ${schema}.escrow_intake_rejected to SERVER;
--   grant select, update on ${schema}.escrow_intake_state to SERVER;
--   grant select, insert, update on ${schema}.escrow_intake_mover to SERVER;
