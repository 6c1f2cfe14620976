package io.escrowmq.migration;

/** Which messages of a queue are copied the first time; later runs go on from there. */
enum Scope {
  /** From the lowest offset that a group has committed; all where no group has. */
  UNCONSUMED,
  /** Everything that the source still has. */
  ALL,
  /** Only what comes after the first run. */
  NONE
}
