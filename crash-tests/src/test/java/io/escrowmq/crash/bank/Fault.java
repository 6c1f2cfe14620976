package io.escrowmq.crash.bank;

import java.util.Arrays;
import java.util.List;

/** What a campaign does to those who take part, from outside. */
enum Fault {
  KILL_SERVER(Sort.KILL),
  STOP_SERVER(Sort.PAUSE),
  KILL_SENDER(Sort.KILL),
  STOP_SENDER(Sort.PAUSE),
  KILL_RECEIVER(Sort.KILL),
  STOP_RECEIVER(Sort.PAUSE),
  CRASH_DATABASE(Sort.KILL),
  STOP_DATABASE(Sort.PAUSE),
  RESET_CONNECTIONS(Sort.NETWORK),
  HALF_CLOSE_CONNECTIONS(Sort.NETWORK),
  DROP_BYTES(Sort.NETWORK),
  DELAY_BYTES(Sort.NETWORK);

  private final Sort sort;

  /** What a plan may have or not. */
  enum Sort {
    /** Somebody gets SIGKILL. */
    KILL,
    /** Somebody stands still for a while. */
    PAUSE,
    /** Connections of clients with the server are spoilt. */
    NETWORK
  }

  Fault(Sort sort) {
    this.sort = sort;
  }

  boolean isKill() {
    return sort == Sort.KILL;
  }

  /** All kinds of one sort. */
  static List<Fault> kinds(Sort sort) {
    return Arrays.stream(values()).filter(it -> it.sort == sort).toList();
  }
}
