package io.escrowmq.node;

import java.util.Map;

/**
 * A table in which applications leave messages within their own transactions.
 *
 * @param options where it is: {@code url}, {@code username}, {@code password} of a database of its
 *     own, none of them for the store's own database; {@code schema}
 * @param part of the table that this node moves, from 0
 * @param parts into which the table is divided
 */
public record IntakeSettings(Map<String, String> options, int part, int parts) {

  /** The option that names another database than the store's. */
  public static final String URL = "url";

  public IntakeSettings {
    options = Map.copyOf(options);
  }

  /** All of a table. */
  public static IntakeSettings of(Map<String, String> options) {
    return new IntakeSettings(options, 0, 1);
  }

  /** True if the table is in the store's own database. */
  public boolean besideTheStore() {
    return !options.containsKey(URL);
  }

  String schema() {
    return options.getOrDefault("schema", "");
  }
}
