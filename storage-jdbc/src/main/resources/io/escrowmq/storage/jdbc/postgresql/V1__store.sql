-- EscrowMQ, schema version 1. Times are milliseconds since the epoch, sizes are bytes.

-- What this schema is; a server compares it with what it knows before it writes anything.
create table mq_schema (
  version integer not null primary key
);
insert into mq_schema (version) values (1);

-- One row for each commit, the newest counts: who wrote it, what was given out last, and how much
-- there is. Older rows are deleted. None is updated: see docs/formats/jdbc.md.
create table mq_group (
  group_no         bigint  not null primary key,
  epoch            bigint  not null,
  last_position    bigint  not null,
  last_version     bigint  not null,
  last_queue_id    integer not null,
  store_ms         bigint  not null,
  visible_messages bigint  not null,
  visible_bytes    bigint  not null,
  holds            bigint  not null
);
insert into mq_group values (0, 0, 0, 0, 0, 0, 0, 0, 0);

-- The queues. Offsets from min_offset up to the newest message are readable; a queue without
-- messages goes on at next_if_empty.
create table mq_queue (
  queue_id      integer      not null primary key,
  topic         varchar(255) not null,
  queue_no      integer      not null,
  min_offset    bigint       not null,
  next_if_empty bigint       not null,
  unique (topic, queue_no)
);

-- Visible messages. "exact" holds the record around the body where the columns cannot rebuild it.
create table mq_message (
  queue_id        integer  not null,
  queue_offset    bigint   not null,
  position        bigint   not null,
  store_ms        bigint   not null,
  size_bytes      integer  not null,
  born_ms         bigint   not null,
  born_host       text not null,
  store_host      text not null,
  flag            integer  not null,
  system_flag     integer  not null,
  reconsume_times integer  not null,
  prepared_offset bigint   not null,
  unique_key      text,
  message_keys    text,
  tags            text,
  properties      text not null,
  body_crc        integer  not null,
  body            bytea not null,
  exact           bytea,
  primary key (queue_id, queue_offset)
);
create unique index mq_message_position on mq_message (position);
alter table mq_message alter column body set storage external;
-- Look-up by key and unique id: the first 8 bytes of SHA-256 over topic, field and value.
create table mq_message_key (
  key_hash bigint not null,
  position bigint not null,
  primary key (key_hash, position)
);
create index mq_message_key_position on mq_message_key using brin (position);

-- Held messages: durable, invisible until released. Kinds: 1 transaction, 2 delay, 3 parked.
create table mq_hold (
  hold_id         uuid     not null primary key,
  kind            smallint not null,
  wake_at_ms      bigint   not null,
  held_at_ms      bigint   not null,
  attributes      bytea not null,
  queue_id        integer  not null,
  size_bytes      integer  not null,
  born_ms         bigint   not null,
  born_host       text not null,
  store_host      text not null,
  flag            integer  not null,
  system_flag     integer  not null,
  reconsume_times integer  not null,
  prepared_offset bigint   not null,
  unique_key      text,
  message_keys    text,
  tags            text,
  properties      text not null,
  body_crc        integer  not null,
  body            bytea not null,
  exact           bytea
);
create index mq_hold_due on mq_hold (kind, wake_at_ms, hold_id);
create index mq_hold_kind on mq_hold (kind, hold_id);
alter table mq_hold alter column body set storage external;
-- Decided holds, remembered for the decision retention. States: 1 released, 2 discarded.
create table mq_decision (
  hold_id      uuid     not null primary key,
  state        smallint not null,
  queue_offset bigint   not null,
  position     bigint   not null,
  decided_ms   bigint   not null
);
create index mq_decision_age on mq_decision using brin (decided_ms);

-- Small ordered state: topics, groups, consumer offsets, leases.
create table mq_row (
  table_name varchar(64) not null,
  row_key    bytea not null,
  row_value  bytea not null,
  version    bigint      not null,
  primary key (table_name, row_key)
);

-- For people: messages with the names of their queues.
create view mq_messages as
  select q.topic, q.queue_no, m.queue_offset, m.message_keys, m.tags, m.unique_key, m.properties,
         m.body, m.born_ms, m.store_ms, m.born_host, m.size_bytes, m.reconsume_times, m.position
    from mq_message m join mq_queue q on q.queue_id = m.queue_id;
