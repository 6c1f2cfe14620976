package io.escrowmq.tx;

import java.util.Optional;
import java.util.Set;

/**
 * Which transactions are wanted. All conditions must hold.
 *
 * @param states empty: the undecided ones, or with a key all
 * @param producerGroup of the half message
 * @param topic of the half message
 * @param uniqueKey of the half message
 * @param minAgeMs time since the half message came, at least, milliseconds
 * @param limit most entries wanted, 1 to {@link #MAX_LIMIT}
 * @param cursor what the previous page gave; empty for the first page
 */
public record RegisterQuery(
    Set<RegisterState> states,
    Optional<String> producerGroup,
    Optional<String> topic,
    Optional<String> uniqueKey,
    long minAgeMs,
    int limit,
    Optional<String> cursor) {

  /** Most entries of a page. */
  public static final int MAX_LIMIT = 1000;

  /** Everything undecided, the first page. */
  public static final RegisterQuery OPEN =
      new RegisterQuery(
          Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), 0, 100, Optional.empty());

  public RegisterQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("the limit is 1 to " + MAX_LIMIT + ": " + limit);
    }
    states = Set.copyOf(states);
    if (states.isEmpty()) {
      states =
          uniqueKey.isPresent()
              ? Set.of(RegisterState.values())
              : Set.of(RegisterState.HELD, RegisterState.PARKED);
    }
  }
}
