package io.escrowmq.spi.storage;

import java.time.Duration;

/**
 * Which visible messages may be forgotten: those older than {@code maxAge}, and the oldest ones
 * while the store is larger than {@code maxBytes}. Live holds are never forgotten.
 *
 * @param maxAge age by store time after which a message may go
 * @param maxBytes size of the message data to stay below; {@link Long#MAX_VALUE} for no limit
 */
public record RetentionPolicy(Duration maxAge, long maxBytes) {

  /** Three days, no size limit: what RocketMQ users expect. */
  public static final RetentionPolicy DEFAULT =
      new RetentionPolicy(Duration.ofDays(3), Long.MAX_VALUE);
}
