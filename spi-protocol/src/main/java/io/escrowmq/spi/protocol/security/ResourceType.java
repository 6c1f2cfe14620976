package io.escrowmq.spi.protocol.security;

import java.util.Arrays;
import java.util.Optional;

/** Kinds of things that are protected. */
public enum ResourceType {
  /** The server as a whole: its configuration, its figures, lists of everything. */
  CLUSTER("Cluster"),
  TOPIC("Topic"),
  /** A consumer group; its retry topic belongs to it. */
  GROUP("Group");

  private final String label;

  ResourceType(String label) {
    this.label = label;
  }

  /** As operators write it. */
  public String label() {
    return label;
  }

  /** The type that operators write so, in any case. */
  public static Optional<ResourceType> of(String label) {
    return Arrays.stream(values()).filter(it -> it.label.equalsIgnoreCase(label)).findFirst();
  }
}
