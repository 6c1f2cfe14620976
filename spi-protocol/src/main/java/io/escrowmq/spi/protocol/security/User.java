package io.escrowmq.spi.protocol.security;

/**
 * Somebody who may log in.
 *
 * @param name the access key of RocketMQ clients
 * @param secret what signatures are made with
 */
public record User(String name, Secret secret, Type type, Status status) {

  /** What a user may do without an access control list. */
  public enum Type {
    /** Everything. */
    SUPER("Super"),
    /** Nothing. */
    NORMAL("Normal");

    private final String label;

    Type(String label) {
      this.label = label;
    }

    /** As operators write it. */
    public String label() {
      return label;
    }
  }

  /** Whether a user may log in now. */
  public enum Status {
    ENABLED("enable"),
    DISABLED("disable");

    private final String label;

    Status(String label) {
      this.label = label;
    }

    /** As operators write it. */
    public String label() {
      return label;
    }
  }
}
