package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** Hold ids as UUIDs, which both databases order by unsigned bytes, as the SPI does. */
final class Ids {

  private Ids() {}

  static UUID uuid(HoldId id) {
    return new UUID(id.high(), id.low());
  }

  static HoldId read(ResultSet row, String column) throws SQLException {
    UUID uuid = row.getObject(column, UUID.class);
    return new HoldId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
  }
}
