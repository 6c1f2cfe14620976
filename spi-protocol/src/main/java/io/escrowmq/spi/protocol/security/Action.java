package io.escrowmq.spi.protocol.security;

import java.util.Arrays;
import java.util.Optional;

/** What is done to a resource. */
public enum Action {
  PUB("Pub"),
  SUB("Sub"),
  CREATE("Create"),
  UPDATE("Update"),
  DELETE("Delete"),
  GET("Get"),
  LIST("List"),
  /** In an entry: every other one. */
  ALL("All");

  private final String label;

  Action(String label) {
    this.label = label;
  }

  /** As operators write it. */
  public String label() {
    return label;
  }

  /** The action that operators write so, in any case. */
  public static Optional<Action> of(String label) {
    return Arrays.stream(values()).filter(it -> it.label.equalsIgnoreCase(label)).findFirst();
  }
}
