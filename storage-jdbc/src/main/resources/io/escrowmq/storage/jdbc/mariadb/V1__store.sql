-- EscrowMQ, schema version 1, for MariaDB 10.6 and later. Times are milliseconds since the epoch, sizes are bytes.
-- Texts compare by code point, with case and trailing blanks. The script may be repeated: what is there stays.

-- One row for each commit, the newest counts: who wrote it, what was given out last, and how much
-- there is. Older rows are deleted. None is updated: see docs/formats/jdbc.md.
create table if not exists mq_group (
  group_no         bigint  not null primary key,
  epoch            bigint  not null,
  last_position    bigint  not null,
  last_version     bigint  not null,
  last_queue_id    integer not null,
  store_ms         bigint  not null,
  visible_messages bigint  not null,
  visible_bytes    bigint  not null,
  holds            bigint  not null
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;
insert ignore into mq_group values (0, 0, 0, 0, 0, 0, 0, 0, 0);

-- The queues. Offsets from min_offset up to the newest message are readable; a queue without
-- messages goes on at next_if_empty.
create table if not exists mq_queue (
  queue_id      integer      not null primary key,
  topic         varchar(255) not null,
  queue_no      integer      not null,
  min_offset    bigint       not null,
  next_if_empty bigint       not null,
  unique key (topic, queue_no)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- Visible messages. "exact" holds the record around the body where the columns cannot rebuild it.
create table if not exists mq_message (
  queue_id        integer     not null,
  queue_offset    bigint      not null,
  position        bigint      not null,
  store_ms        bigint      not null,
  size_bytes      integer     not null,
  born_ms         bigint      not null,
  born_host       varchar(64) not null,
  store_host      varchar(64) not null,
  flag            integer     not null,
  system_flag     integer     not null,
  reconsume_times integer     not null,
  prepared_offset bigint      not null,
  unique_key      mediumtext,
  message_keys    mediumtext,
  tags            mediumtext,
  properties      mediumtext  not null,
  body_crc        integer     not null,
  body            longblob    not null,
  exact           mediumblob,
  primary key (queue_id, queue_offset),
  -- With what the retention looks at, so that it does not have to read the messages themselves.
  key mq_message_position (position, store_ms, size_bytes)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- Look-up by key and unique id: the first 8 bytes of SHA-256 over topic, field and value.
-- In the order of positions, so that new rows go to the end and retention takes them from the beginning.
create table if not exists mq_message_key (
  key_hash bigint not null,
  position bigint not null,
  primary key (position, key_hash),
  unique key mq_message_key_hash (key_hash, position)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- Held messages: durable, invisible until released. Kinds: 1 transaction, 2 delay, 3 parked.
create table if not exists mq_hold (
  hold_id         binary(16)  not null primary key,
  kind            smallint    not null,
  wake_at_ms      bigint      not null,
  held_at_ms      bigint      not null,
  attributes      varbinary(1024) not null,
  queue_id        integer     not null,
  size_bytes      integer     not null,
  born_ms         bigint      not null,
  born_host       varchar(64) not null,
  store_host      varchar(64) not null,
  flag            integer     not null,
  system_flag     integer     not null,
  reconsume_times integer     not null,
  prepared_offset bigint      not null,
  unique_key      mediumtext,
  message_keys    mediumtext,
  tags            mediumtext,
  properties      mediumtext  not null,
  body_crc        integer     not null,
  body            longblob    not null,
  exact           mediumblob,
  key mq_hold_due (kind, wake_at_ms, hold_id),
  -- With the queue, so that holds are counted without reading them.
  key mq_hold_kind (kind, hold_id, queue_id)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- Decided holds, remembered for the decision retention. States: 1 released, 2 discarded.
create table if not exists mq_decision (
  hold_id      binary(16) not null primary key,
  state        smallint   not null,
  queue_offset bigint     not null,
  position     bigint     not null,
  decided_ms   bigint     not null,
  key mq_decision_age (decided_ms)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- Small ordered state: topics, groups, consumer offsets, leases.
create table if not exists mq_row (
  table_name varchar(64)     not null,
  row_key    varbinary(1024) not null,
  row_value  mediumblob      not null,
  version    bigint          not null,
  primary key (table_name, row_key)
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;

-- For people: messages with the names of their queues.
create or replace view mq_messages as
  select q.topic, q.queue_no, m.queue_offset, m.message_keys, m.tags, m.unique_key, m.properties,
         m.body, m.born_ms, m.store_ms, m.born_host, m.size_bytes, m.reconsume_times, m.position
    from mq_message m join mq_queue q on q.queue_id = m.queue_id;

-- What this schema is; a server compares it with what it knows before it writes anything. Comes last, because
-- MariaDB keeps the tables of a script that breaks off: until this row is there, there is no schema.
create table if not exists mq_schema (
  version integer not null primary key
) engine = InnoDB row_format = dynamic default charset = utf8mb4 collate = utf8mb4_nopad_bin;
insert ignore into mq_schema values (1);
