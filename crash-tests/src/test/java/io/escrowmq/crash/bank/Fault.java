package io.escrowmq.crash.bank;

import java.util.Arrays;
import java.util.List;

/** What a campaign does to those who take part, from outside. */
enum Fault {
  KILL_SERVER(true),
  STOP_SERVER(false),
  KILL_SENDER(true),
  STOP_SENDER(false),
  KILL_RECEIVER(true),
  STOP_RECEIVER(false),
  CRASH_DATABASE(true),
  STOP_DATABASE(false);

  private final boolean kill;

  Fault(boolean kill) {
    this.kill = kill;
  }

  /** Whether somebody gets SIGKILL, instead of standing still for a while. */
  boolean isKill() {
    return kill;
  }

  /** All kinds, or only those that kill. */
  static List<Fault> kinds(boolean pauses) {
    return Arrays.stream(values()).filter(it -> pauses || it.kill).toList();
  }
}
