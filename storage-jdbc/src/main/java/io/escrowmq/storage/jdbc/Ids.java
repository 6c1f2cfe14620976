package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.HoldId;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Hold ids as UUIDs or 16 bytes, which every database orders by unsigned bytes, as the SPI does.
 */
final class Ids {

  private static final int LENGTH = 16;

  private Ids() {}

  static UUID uuid(HoldId id) {
    return new UUID(id.high(), id.low());
  }

  static byte[] bytes(UUID id) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  static HoldId read(ResultSet row, String column) throws SQLException {
    return switch (row.getObject(column)) {
      case UUID uuid -> new HoldId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
      case byte[] bytes when bytes.length == LENGTH -> {
        ByteBuffer halves = ByteBuffer.wrap(bytes);
        yield new HoldId(halves.getLong(), halves.getLong());
      }
      case null, default -> throw new SQLException("column " + column + " holds no id");
    };
  }
}
