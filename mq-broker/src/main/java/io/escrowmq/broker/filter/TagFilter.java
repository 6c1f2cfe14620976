package io.escrowmq.broker.filter;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Wants messages by their tag. Tags are compared by Java's {@code String.hashCode} as RocketMQ's
 * broker does; clients compare the text again and drop the few that only look alike.
 */
final class TagFilter implements MessageFilter {

  /** Wants everything. */
  static final TagFilter ALL = new TagFilter(Set.of());

  private final Set<Integer> hashes;

  private TagFilter(Set<Integer> hashes) {
    this.hashes = hashes;
  }

  /** Compiles tags separated by {@code ||}, or refuses them. */
  static TagFilter of(String tags) {
    String expression = tags.strip();
    if (expression.isEmpty() || expression.equals(Subscription.ALL)) {
      return ALL;
    }
    Set<Integer> hashes = new TreeSet<>();
    for (String tag : expression.split("\\|\\|", -1)) {
      if (!tag.isBlank()) {
        hashes.add(tag.strip().hashCode());
      }
    }
    if (hashes.isEmpty()) {
      throw new BrokerException(
          ErrorCode.FILTER_INVALID,
          "the expression '" + expression + "' names no tag",
          "Write * for everything, or tags separated by ||.");
    }
    return new TagFilter(Set.copyOf(hashes));
  }

  @Override
  public boolean wantsAll() {
    return hashes.isEmpty();
  }

  @Override
  public boolean matches(Message message) {
    if (hashes.isEmpty()) {
      return true;
    }
    Optional<String> tag = message.tags();
    return tag.isPresent() && hashes.contains(tag.get().hashCode());
  }
}
