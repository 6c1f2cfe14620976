package io.escrowmq.spi.storage;

import java.util.Map;

/** Opens intake tables in any database, found by {@link java.util.ServiceLoader}. Stateless. */
public interface IntakeProvider {

  /** True if this provider knows the kind of database. */
  boolean accepts(String url);

  /**
   * Opens a table; does not need the database to answer yet.
   *
   * @param options {@code url}, {@code username}, {@code password}, {@code schema}
   * @param store identity of the store that takes the messages: a table is moved by one store only
   * @throws IllegalArgumentException if an option is impossible
   */
  ForeignIntake open(Map<String, String> options, String store, TimeSource time);
}
