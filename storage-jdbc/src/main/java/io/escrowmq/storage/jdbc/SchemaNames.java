package io.escrowmq.storage.jdbc;

import java.util.regex.Pattern;

/** Names of schemas as they go into statements. */
final class SchemaNames {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$-]{0,50}");

  private SchemaNames() {}

  /** The schema of a shard: beside the one that all servers share. */
  static String ofShard(String cluster, int shard) {
    return cluster + "_" + shard;
  }

  /**
   * The name in double quotes.
   *
   * @throws IllegalArgumentException if it is longer than 51 characters or has unusual ones
   */
  static String quoted(String name) {
    if (!PLAIN.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the schema name '"
              + name
              + "' cannot be used: letters, digits, _, $ and - please, 51 at most");
    }
    return '"' + name + '"';
  }
}
