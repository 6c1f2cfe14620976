package io.escrowmq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.filter.NaiveExpressions.Naive;
import io.escrowmq.spi.storage.MessageProperties;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RandomExpressionsTest {

  @Test
  void meanWhatANaiveReaderSays() {
    long seed = 20_261_123;
    NaiveExpressions expressions = new NaiveExpressions(new Random(seed));
    Map<Verdict, Integer> seen = new EnumMap<>(Verdict.class);
    for (int round = 0; round < 20_000; round++) {
      Naive expression = expressions.condition(round % 6);
      PropertyFilter filter = PropertyFilter.of(expression.text());
      for (int i = 0; i < 3; i++) {
        Map<String, String> message = expressions.message();
        Verdict expected = expression.verdict(message);
        assertThat(filter.verdict(MessageProperties.format(message)))
            .as("seed %s: %s about %s", seed, expression.text(), message)
            .isEqualTo(expected);
        seen.merge(expected, 1, Integer::sum);
      }
    }
    assertThat(seen).hasSize(Verdict.values().length);
    assertThat(seen.values()).allMatch(count -> count > 3_000);
  }
}
