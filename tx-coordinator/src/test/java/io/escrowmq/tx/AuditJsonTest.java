package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuditJsonTest {

  @Test
  void readsWhatTheTrailWrites() {
    Map<String, Object> fields =
        Map.of("text", "a \"b\" \\ \n\u0001 é", "number", -42L, "empty", "");
    assertThat(AuditJson.read(AuditTrail.json(fields))).isEqualTo(fields);
  }

  @Test
  void readsWhatLaterVersionsMayWrite() {
    assertThat(
            AuditJson.read(" {\"a\" : [1, \"x\", {\"b\":true}] , \"c\":null, \"d\":{}, \"e\":[]} "))
        .isEqualTo(
            Map.of(
                "a", List.of(1L, "x", Map.of("b", "true")),
                "c", "",
                "d", Map.of(),
                "e", List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1}x",
        "{\"a\":\"\\u12\"}",
        "[1]",
        "{\"a\":\"b}",
        "{\"a\":[[[[[[[[[[1]]]]]]]]]]}",
        "{\"a\":99999999999999999999}"
      })
  void refusesWhatIsNoObject(String text) {
    assertThatThrownBy(() -> AuditJson.read(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
