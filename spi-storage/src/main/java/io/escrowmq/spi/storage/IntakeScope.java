package io.escrowmq.spi.storage;

/**
 * Which rows of which intake table one store moves.
 *
 * @param schema of the table; empty for the one that the connection's URL names
 * @param part number of this store among those that divide the table, from 0
 * @param parts how many stores divide it; all rows of an ordering key belong to one part
 */
public record IntakeScope(String schema, int part, int parts) {

  public IntakeScope {
    if (parts < 1 || part < 0 || part >= parts) {
      throw new IllegalArgumentException("there is no part " + part + " of " + parts);
    }
  }

  /** The whole table. */
  public static IntakeScope all(String schema) {
    return new IntakeScope(schema, 0, 1);
  }
}
