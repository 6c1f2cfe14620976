package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which messages of a topic a group wants. Tags are compared by Java's {@code String.hashCode} as
 * RocketMQ's broker does; clients compare the text again and drop the few that only look alike.
 */
final class TagFilter {

  /** Wants everything. */
  static final TagFilter ALL = new TagFilter(Set.of());

  private final Set<Integer> hashes;

  private TagFilter(Set<Integer> hashes) {
    this.hashes = hashes;
  }

  /** Compiles an expression, or refuses it. */
  static TagFilter of(Subscription subscription) {
    if (!subscription.expressionType().isEmpty()
        && !subscription.expressionType().equals(Subscription.TAG)) {
      throw new BrokerException(
          ErrorCode.FILTER_INVALID,
          "filter expressions of type "
              + subscription.expressionType()
              + " are not supported yet by this server",
          "Subscribe to "
              + subscription.topic()
              + " with tags (a || b), and filter by properties in the consumer.");
    }
    String expression = subscription.expression().strip();
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

  boolean wantsAll() {
    return hashes.isEmpty();
  }

  boolean matches(Message message) {
    if (hashes.isEmpty()) {
      return true;
    }
    Optional<String> tag = message.tags();
    return tag.isPresent() && hashes.contains(tag.get().hashCode());
  }
}
