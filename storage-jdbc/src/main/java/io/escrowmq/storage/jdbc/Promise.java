package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Mishap;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * What the database keeps of its commits, by the settings that it had when the writer connected.
 *
 * @param written what a commit that need not reach the disk survives
 * @param durable what a commit that must reach the disk survives
 * @param warning something that the operator should change
 */
record Promise(Set<Mishap> written, Set<Mishap> durable, Optional<String> warning) {

  /** Asks the database; the connection has no transaction. */
  static Promise of(Dialect dialect, Connection connection) throws SQLException {
    return new Promise(
        dialect.survives(connection, false),
        dialect.survives(connection, true),
        dialect.durabilityWarning(connection));
  }

  Set<Mishap> survives(Durability durability) {
    return switch (durability) {
      case WRITTEN -> written;
      case DURABLE -> durable;
      case REPLICATED -> Set.of();
    };
  }
}
