package io.escrowmq.broker.filter;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Assertions;

/**
 * Any text is an expression or a {@link FilterSyntaxException} that points into it, and an
 * expression has a verdict about any message; nothing else happens.
 */
final class FilterFuzzTest {
  @DictionaryEntries({
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "TRUE",
    "FALSE",
    "BETWEEN",
    "CONTAINS",
    "STARTSWITH",
    "ENDSWITH",
    "<>",
    "<=",
    ">=",
    "=",
    "(",
    ")",
    ",",
    "--",
    "/*",
    "*/",
    "'",
    "a",
    "b",
    "5",
    "1.5E3"
  })
  @FuzzTest(maxDuration = "60s")
  void expression(FuzzedDataProvider data) {
    String properties = data.consumeString(64);
    String text = data.consumeRemainingAsString();
    PropertyFilter filter;
    try {
      filter = PropertyFilter.of(text);
    } catch (FilterSyntaxException expected) {
      Assertions.assertTrue(expected.at() >= 0 && expected.at() <= text.length());
      Assertions.assertFalse(expected.remedy().isEmpty());
      return;
    }
    Assertions.assertNotNull(filter.verdict(properties));
    Assertions.assertNotNull(filter.verdict("a\u00015\u0002b\u0001x\u0002" + properties));
  }
}
