-- The intake of EscrowMQ: applications leave messages here within their own transactions.

create schema if not exists ${schema};

create table ${schema}.escrow_intake (
  id             bigint generated always as identity primary key,
  topic          varchar(127) not null check (regexp_like(topic, '^[A-Za-z0-9_|-][A-Za-z0-9_|%-]{0,126}$')),
  body           varbinary(4194304) not null,
  message_keys   varchar(4096),
  tags           varchar(4096),
  properties     varchar(24576),
  ordering_key   varchar(1024),
  deliver_at_ms  bigint check (deliver_at_ms >= 0),
  enqueued_at_ms bigint not null default datediff('millisecond', timestamp with time zone '1970-01-01 00:00:00+00', current_timestamp(3))
);

create table ${schema}.escrow_intake_rejected (
  id             bigint primary key,
  topic          varchar not null,
  body           varbinary not null,
  message_keys   varchar,
  tags           varchar,
  properties     varchar,
  ordering_key   varchar,
  deliver_at_ms  bigint,
  enqueued_at_ms bigint not null,
  rejected_at_ms bigint not null,
  reason         varchar not null
);

create table ${schema}.escrow_intake_state (
  only_row boolean default true primary key check (only_row),
  version  integer not null,
  source   bigint  not null,
  store    varchar not null default ''
);

insert into ${schema}.escrow_intake_state (version, source) values (1, cast(rand() * 1000000000 as bigint) * 1000000000 + cast(rand() * 1000000000 as bigint));
