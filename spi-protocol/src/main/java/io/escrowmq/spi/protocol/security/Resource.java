package io.escrowmq.spi.protocol.security;

/** One thing that is protected. */
public record Resource(ResourceType type, String name) {

  private static final String RETRY = "%RETRY%";

  /** A consumer group. */
  public static Resource group(String name) {
    return new Resource(ResourceType.GROUP, name);
  }

  /** A cluster. */
  public static Resource cluster(String name) {
    return new Resource(ResourceType.CLUSTER, name);
  }

  /**
   * A topic; a retry topic ({@code %RETRY%group} or, of one topic only, {@code %RETRY%group+topic})
   * is its group's.
   */
  public static Resource topic(String name) {
    if (!name.startsWith(RETRY)) {
      return new Resource(ResourceType.TOPIC, name);
    }
    int plus = name.indexOf('+');
    return group(plus < 0 ? name.substring(RETRY.length()) : name.substring(RETRY.length(), plus));
  }

  /** As operators write it, for example {@code Topic:orders}. */
  public String text() {
    return type.label() + ":" + name;
  }
}
