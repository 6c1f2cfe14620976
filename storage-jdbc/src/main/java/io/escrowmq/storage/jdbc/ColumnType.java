package io.escrowmq.storage.jdbc;

import java.sql.Types;

/** The types of columns that bulk statements write. */
enum ColumnType {
  INT("int4", Types.INTEGER),
  LONG("int8", Types.BIGINT),
  TEXT("text", Types.VARCHAR),
  BYTES("bytea", Types.VARBINARY),
  UUID("uuid", Types.OTHER);

  private final String postgres;
  private final int jdbc;

  ColumnType(String postgres, int jdbc) {
    this.postgres = postgres;
    this.jdbc = jdbc;
  }

  /** The name of the type in PostgreSQL. */
  String postgres() {
    return postgres;
  }

  /** The number of the type in {@link Types}. */
  int jdbc() {
    return jdbc;
  }
}
