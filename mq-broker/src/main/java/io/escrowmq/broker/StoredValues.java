package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Named values as rows of the table {@code values}: key the namespace, a zero character and the
 * key, value the text, both in UTF-8.
 */
final class StoredValues implements NamedValues {

  private static final String TABLE = "values";
  private static final char BETWEEN = '\0';

  private final Storage storage;

  StoredValues(Storage storage) {
    this.storage = storage;
  }

  @Override
  public Optional<String> find(String namespace, String key) {
    return Failures.translate(
        () -> storage.tables().get(TABLE, rowKey(namespace, key)).map(row -> row.value().asUtf8()));
  }

  @Override
  public Map<String, String> all(String namespace) {
    return Failures.translate(() -> {
      Map<String, String> values = new LinkedHashMap<>();
      for (TableRow row : TableScan.all(storage.tables(), TABLE, Bytes.utf8(namespace + BETWEEN))) {
        values.put(row.key().asUtf8().substring(namespace.length() + 1), row.value().asUtf8());
      }
      return values;
    });
  }

  @Override
  public void put(String namespace, String key, String value) {
    Bytes text = Bytes.utf8(value);
    if (text.size() > Tables.MAX_VALUE_BYTES) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the value of " + key + " has " + text.size() + " bytes",
          "At most " + Tables.MAX_VALUE_BYTES + " are kept.");
    }
    Failures.await(
        storage.write(WriteBatch.of(new Mutation.Put(TABLE, rowKey(namespace, key), text))));
  }

  @Override
  public void remove(String namespace, String key) {
    Failures.await(
        storage.write(WriteBatch.of(new Mutation.Delete(TABLE, rowKey(namespace, key)))));
  }

  private static Bytes rowKey(String namespace, String key) {
    Bytes bytes = Bytes.utf8(namespace + BETWEEN + key);
    if (bytes.size() > Tables.MAX_KEY_BYTES) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "namespace and key have " + bytes.size() + " bytes together",
          "Use at most " + (Tables.MAX_KEY_BYTES - 1) + ".");
    }
    return bytes;
  }
}
