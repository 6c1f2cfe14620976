package io.escrowmq.samples.bank;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The table at the end: names on the left, figures on the right. */
final class ResultTable {
  private final Map<String, String> rows = new LinkedHashMap<>();

  ResultTable row(String name, long figure) {
    return row(name, String.format(Locale.ROOT, "%,d", figure));
  }

  ResultTable row(String name, String value) {
    rows.put(name, value);
    return this;
  }

  @Override
  public String toString() {
    int names = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    int values = rows.values().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder table = new StringBuilder();
    rows.forEach((name, value) ->
        table
            .append("  ")
            .append(name)
            .append(" ".repeat(names - name.length() + 3 + values - value.length()))
            .append(value)
            .append(System.lineSeparator()));
    return table.toString();
  }
}
