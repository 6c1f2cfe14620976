package io.escrowmq.spi.protocol.security;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which resources an entry is about: {@code *} for all, {@code Topic:*} for all of a type, {@code
 * Topic:orders-*} for those that begin so, {@code Topic:orders} for one.
 *
 * @param type null for every type
 * @param match how names are compared
 * @param name the name or its beginning; empty where every name matches
 */
public record ResourcePattern(@Nullable ResourceType type, Match match, String name) {

  private static final String ANY = "*";

  /** More than any name is long. */
  private static final int LITERAL_RANK = 1 << 16;

  /** How names are compared. */
  public enum Match {
    LITERAL,
    PREFIXED,
    ANY
  }

  /** What an operator wrote; empty if it is no pattern. */
  public static Optional<ResourcePattern> parse(String text) {
    if (text.equals(ANY)) {
      return Optional.of(new ResourcePattern(null, Match.ANY, ""));
    }
    int colon = text.indexOf(':');
    if (colon < 0 || colon == text.length() - 1) {
      return Optional.empty();
    }
    String name = text.substring(colon + 1);
    return ResourceType.of(text.substring(0, colon)).flatMap(type -> of(type, name));
  }

  private static Optional<ResourcePattern> of(ResourceType type, String name) {
    if (name.equals(ANY)) {
      return Optional.of(new ResourcePattern(type, Match.ANY, ""));
    }
    int star = name.indexOf('*');
    if (star < 0) {
      return Optional.of(new ResourcePattern(type, Match.LITERAL, name));
    }
    return star == name.length() - 1
        ? Optional.of(new ResourcePattern(type, Match.PREFIXED, name.substring(0, star)))
        : Optional.empty();
  }

  /** Whether it is about this resource. */
  public boolean matches(Resource resource) {
    if (type == null) {
      return true;
    }
    return type == resource.type()
        && switch (match) {
          case ANY -> true;
          case LITERAL -> resource.name().equals(name);
          case PREFIXED -> resource.name().startsWith(name);
        };
  }

  /** The more resources a pattern is about, the less; only comparable if they match the same. */
  int rank() {
    if (type == null) {
      return 0;
    }
    return switch (match) {
      case ANY -> 1;
      case PREFIXED -> 2 + name.length();
      case LITERAL -> LITERAL_RANK;
    };
  }

  /** As operators write it. */
  public String text() {
    if (type == null) {
      return ANY;
    }
    return type.label()
        + ":"
        + switch (match) {
          case ANY -> ANY;
          case PREFIXED -> name + ANY;
          case LITERAL -> name;
        };
  }
}
