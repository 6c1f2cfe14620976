package io.escrowmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** JVM flags of the servers that are measured: those of {@code ./mq server}. */
final class ServerFlags {

  private static final String HEAP = "-Xmx1g";

  private ServerFlags() {}

  /** Flags of a broker, ours or another: what makes one JVM faster must not be missing in one. */
  static List<String> broker() {
    List<String> flags = new ArrayList<>(List.of(HEAP));
    String launcher = System.getProperty("escrowmq.server.flags", "");
    flags.addAll(List.of(launcher.split(" ")));
    flags.removeIf(String::isEmpty);
    return flags;
  }
}
