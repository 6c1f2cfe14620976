package io.escrowmq.broker;

import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;

/**
 * What a broker finds when it opens a store that was filled without it: the rows of topics, groups
 * and consumer offsets, as mutations for whoever fills the store. Never for the store of a running
 * broker, which keeps these in memory too.
 */
public final class FirstState {

  private FirstState() {}

  /** A topic's row. */
  public static Mutation.Put topic(TopicConfig topic) {
    return Topics.putOf(topic);
  }

  /**
   * A group's row; its retry topic is another.
   *
   * @param createdMs time of creation, milliseconds since the epoch
   */
  public static Mutation.Put group(GroupConfig group, long createdMs) {
    return new Mutation.Put(
        GroupCodec.TABLE, GroupCodec.key(group.name()), GroupCodec.value(group, createdMs));
  }

  /**
   * A consumer offset's row.
   *
   * @param offset the next one that the group wants
   */
  public static Mutation.Put offset(String group, QueueId queue, long offset) {
    return OffsetTable.putOf(group, queue, offset);
  }
}
