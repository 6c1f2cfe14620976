-- EscrowMQ, tables that the servers of one database share, version 1. Times are milliseconds since the epoch.

-- What these tables are; a server compares it with what it knows.
create table mq_cluster (
  version integer not null primary key
);
insert into mq_cluster (version) values (1);

-- Who may open a shard. The shard itself is a schema of its own; its name is in schema_name.
create table mq_lease (
  shard       integer      not null primary key,
  schema_name varchar(63)  not null,
  server      varchar(255) not null,
  epoch       bigint       not null,
  address     varchar(255) not null,
  until_ms    bigint       not null
);

-- The servers that are there.
create table mq_server (
  server       varchar(255) not null primary key,
  address      varchar(255) not null,
  http_address varchar(255) not null,
  takes_shards boolean      not null,
  until_ms     bigint       not null
);
