package io.escrowmq.storage.commitlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexKeysTest {

  private static final char NAME_END = 1;
  private static final char VALUE_END = 2;

  /** Stores have them: look-ups of old messages depend on it. */
  @ParameterizedTest
  @CsvSource({
    "orders, KEY, k-1, -5049607996623333387",
    "orders, UNIQUE_ID, 7F000001, -5442532701370862286",
    "tä, KEY, €, -2017965174946121307"
  })
  void hashesNeverChange(String topic, Field field, String value, long hash) {
    assertThat(IndexKeys.hash(topic, field, value)).isEqualTo(hash);
  }

  @Test
  void everyWordAndTheUniqueIdHaveAHash() {
    assertThat(hashes("KEYS" + NAME_END + " a  bc d " + VALUE_END + "UNIQ_KEY" + NAME_END + "u"))
        .containsExactly(key("a"), key("bc"), key("d"), IndexKeys.hash("t", Field.UNIQUE_ID, "u"));
    assertThat(hashes("KEYS" + NAME_END + "a")).containsExactly(key("a"));
    assertThat(hashes("KEYS" + NAME_END + "  ")).isEmpty();
    assertThat(hashes("TAGS" + NAME_END + "a")).isEmpty();
    assertThat(hashes("")).isEmpty();
  }

  private static long key(String word) {
    return IndexKeys.hash("t", Field.KEY, word);
  }

  private static List<Long> hashes(String properties) {
    Message message =
        new MessageBuilder().queue(new QueueId("t", 0)).propertiesText(properties).build();
    IndexKeys keys = IndexKeys.of("t", message);
    List<Long> hashes = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      hashes.add(keys.hash(i));
    }
    return hashes;
  }
}
