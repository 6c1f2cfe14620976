package io.escrowmq.broker.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What Apache RocketMQ said about 1,600 random expressions and messages, we say too. */
final class GoldenVerdictsTest {

  private static final String FILE = "/golden/rocketmq-filter-5.5.0.txt";

  @Test
  void everyVerdictIsTheOriginals() throws IOException {
    int verdicts = 0;
    int refusals = 0;
    for (String line : lines()) {
      String[] words = line.split("\t", -1);
      if (words[0].equals("REFUSED")) {
        assertThatThrownBy(() -> PropertyFilter.of(words[1]))
            .as(line)
            .isInstanceOf(FilterSyntaxException.class);
        refusals++;
      } else {
        assertThat(Tables.verdict(words[1], namesAndValues(words))).as(line).hasToString(words[0]);
        verdicts++;
      }
    }
    assertThat(verdicts).isGreaterThan(1_500);
    assertThat(refusals).isGreaterThan(50);
  }

  private static String[] namesAndValues(String[] words) {
    List<String> result = new ArrayList<>();
    for (int i = 2; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      result.add(words[i].substring(0, equals));
      result.add(words[i].substring(equals + 1));
    }
    return result.toArray(String[]::new);
  }

  private static List<String> lines() throws IOException {
    try (InputStream in = GoldenVerdictsTest.class.getResourceAsStream(FILE)) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }
}
