package io.escrowmq.spi.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {

  private static final String TEXT = "a\u00011\u0002bb\u000122\u0002c\u0001\u0002";

  @Test
  void textBecomesAMapInItsOrder() {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("a", "1");
    expected.put("bb", "22");
    expected.put("c", "");
    assertThat(MessageProperties.parse(TEXT)).containsExactlyEntriesOf(expected);
    assertThat(MessageProperties.format(expected)).isEqualTo(TEXT);
    assertThat(MessageProperties.parse("")).isEmpty();
    assertThat(MessageProperties.format(Map.of())).isEmpty();
  }

  @Test
  void theLastSeparatorMayBeMissing() {
    assertThat(MessageProperties.parse("a\u00011\u0002b\u00012"))
        .isEqualTo(Map.of("a", "1", "b", "2"));
    assertThat(MessageProperties.find("a\u00011\u0002b\u00012", "b")).contains("2");
  }

  @Test
  void onePropertyIsFoundWithoutItsNeighbours() {
    assertThat(MessageProperties.find(TEXT, "a")).contains("1");
    assertThat(MessageProperties.find(TEXT, "bb")).contains("22");
    assertThat(MessageProperties.find(TEXT, "c")).contains("");
    assertThat(MessageProperties.find(TEXT, "b")).isEmpty();
    assertThat(MessageProperties.find(TEXT, "1")).isEmpty();
    assertThat(MessageProperties.find("", "a")).isEmpty();
  }

  @Test
  void theLastOfARepeatedNameCounts() {
    String text = "a\u0001old\u0002b\u0001x\u0002a\u0001new\u0002";
    assertThat(MessageProperties.find(text, "a")).contains("new");
    assertThat(MessageProperties.parse(text)).containsEntry("a", "new");
    assertThat(MessageProperties.append(TEXT, "a", "2")).startsWith(TEXT);
    assertThat(MessageProperties.find(MessageProperties.append(TEXT, "a", "2"), "a")).contains("2");
  }

  @Test
  void somethingIsAppendedAfterATextWithoutItsLastSeparator() {
    assertThat(MessageProperties.append("a\u00011", "b", "2"))
        .isEqualTo("a\u00011\u0002b\u00012\u0002");
    assertThat(MessageProperties.append("", "b", "2")).isEqualTo("b\u00012\u0002");
  }

  @Test
  void removingLeavesTheOthersAsTheyAre() {
    String text = "a\u00011\u0002junk\u0002a\u00012\u0002ab\u00013\u0002";
    assertThat(MessageProperties.remove(text, "a")).isEqualTo("junk\u0002ab\u00013\u0002");
    assertThat(MessageProperties.remove(text, "b")).isEqualTo(text);
    assertThat(MessageProperties.set(text, "a", "9"))
        .isEqualTo("junk\u0002ab\u00013\u0002a\u00019\u0002");
  }

  @Test
  void findAgreesWithParseOnAnyText() {
    Random random = new Random(11);
    String alphabet = "ab\u0001\u0002";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(14); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      Map<String, String> all = MessageProperties.parse(text.toString());
      for (String name : new String[] {"a", "b", "ab", "ba", "aa"}) {
        assertThat(MessageProperties.find(text.toString(), name))
            .as("%s in %s", name, text)
            .isEqualTo(Optional.ofNullable(all.get(name)));
        assertThat(MessageProperties.find(MessageProperties.remove(text.toString(), name), name))
            .isEmpty();
        assertThat(MessageProperties.find(MessageProperties.set(text.toString(), name, "v"), name))
            .contains("v");
      }
    }
  }
}
