package io.escrowmq.storage.jdbc;

import java.util.List;

/** The tables and functions with which applications leave messages, as a script. */
public final class IntakeSchema {

  private static final List<String> VENDORS = List.of("postgresql", "h2");

  private IntakeSchema() {}

  /** The databases that have a script. */
  public static List<String> vendors() {
    return VENDORS;
  }

  /**
   * The script, for administrators; servers never run it.
   *
   * @param schema where the tables go, best beside those of the application
   * @throws IllegalArgumentException if there is no script for this vendor, or the schema's name
   *     cannot be used
   */
  public static String script(String vendor, String schema) {
    if (!VENDORS.contains(vendor)) {
      throw new IllegalArgumentException(
          "no intake for " + vendor + "; there are scripts for " + VENDORS);
    }
    return Schema.read("io/escrowmq/storage/jdbc/" + vendor + "-intake/V1__intake.sql")
        .replace("${schema}", SchemaNames.quoted(schema));
  }
}
