package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.ShardLeases.ShardLease;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A part of a shared database, and the lease under which this server works on it.
 *
 * @param schema where its tables are
 * @param cluster the schema of the tables that all servers share
 */
record Shard(String schema, String cluster, ShardLease lease) {

  /**
   * Makes sure that the shard was given to nobody else since.
   *
   * @param lock how the lease's row is to be locked, for the end of the statement
   * @throws StoreTakenOver if it was
   */
  void require(Connection connection, String lock) throws SQLException {
    String sql =
        "select 1 from "
            + SchemaNames.quoted(cluster)
            + ".mq_lease where shard = ? and server = ? and epoch = ?"
            + lock;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, lease.shard());
      statement.setString(2, lease.server());
      statement.setLong(3, lease.epoch());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new StoreTakenOver(
              "lease " + lease.epoch() + " of shard " + lease.shard() + " is over");
        }
      }
    }
  }
}
