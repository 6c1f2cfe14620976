package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.MessageProperties;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PropertyScanTest {

  private static final StoredProperties STORED = new StoredProperties("cluster", "region");

  @Test
  void findsNothingInNothing() {
    assertThat(new PropertyScan("").wantsDelay()).isFalse();
    assertThat(new PropertyScan("").wantsTransaction()).isFalse();
    assertThat(new PropertyScan("broken").uniqueKey).isNull();
    assertThat(new PropertyScan("\u0001\u0002\u0002\u0001").uniqueKey).isNull();
    assertThat(new PropertyScan("UNIQ_KEY\u0002a\u0001b").uniqueKey).isNull();
  }

  @Test
  void takesTheLastOfRepeatedNames() {
    PropertyScan scan = new PropertyScan("DELAY\u00011\u0002UNIQ_KEY\u0001k\u0002DELAY\u00012");
    assertThat(scan.delayLevel).isEqualTo("2");
    assertThat(scan.uniqueKey).isEqualTo("k");
    assertThat(scan.wantsDelay()).isTrue();
  }

  @Test
  void knowsTransactions() {
    assertThat(new PropertyScan("TRAN_MSG\u0001true\u0002").wantsTransaction()).isTrue();
    assertThat(new PropertyScan("TRAN_MSG\u0001false\u0002").wantsTransaction()).isFalse();
  }

  @Test
  void agreesWithTheFullParser() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    List<String> names =
        List.of(
            "UNIQ_KEY",
            "DELAY",
            "TIMER_DELAY_MS",
            "TRAN_MSG",
            "PGROUP",
            "CLUSTER",
            "POP_CK",
            "own",
            "Tail",
            "MSG_REGION",
            "TRACE_ON");
    for (int round = 0; round < 5_000; round++) {
      Map<String, String> properties = new LinkedHashMap<>();
      for (int i = random.nextInt(8); i > 0; i--) {
        String name = names.get(random.nextInt(names.size()));
        properties.put(name, Integer.toString(random.nextInt(100)));
      }
      String text = MessageProperties.format(properties);
      if (!text.isEmpty() && random.nextBoolean()) {
        text = text.substring(0, text.length() - 1);
      }
      PropertyScan scan = new PropertyScan(text);
      assertThat(scan.uniqueKey).as("seed " + seed).isEqualTo(properties.get("UNIQ_KEY"));
      assertThat(scan.delayLevel).isEqualTo(properties.get("DELAY"));
      assertThat(scan.delayMs).isEqualTo(properties.get("TIMER_DELAY_MS"));
      assertThat(scan.producerGroup).isEqualTo(properties.get("PGROUP"));
      assertThat(scan.popCheckpoint).isEqualTo(properties.get("POP_CK"));
      assertThat(MessageProperties.parse(STORED.of(text, scan, "made-up")))
          .isEqualTo(expected(properties));
    }
  }

  private static Map<String, String> expected(Map<String, String> sent) {
    Map<String, String> stored = new LinkedHashMap<>(sent);
    stored.remove("POP_CK");
    stored.putIfAbsent("UNIQ_KEY", "made-up");
    stored.put("CLUSTER", "cluster");
    stored.put("MSG_REGION", "region");
    stored.put("TRACE_ON", "true");
    return stored;
  }
}
