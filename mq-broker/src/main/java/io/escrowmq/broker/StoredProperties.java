package io.escrowmq.broker;

import io.escrowmq.spi.storage.MessageProperties;
import org.jspecify.annotations.Nullable;

/**
 * The properties text as it is stored: the producer's own bytes, then what the server adds
 * (UNIQ_KEY when absent, CLUSTER, MSG_REGION, TRACE_ON), without POP_CK.
 */
final class StoredProperties {

  private static final String TRACE_ON = "true";
  private static final char VALUE_END = '\u0002';

  private final String cluster;
  private final String region;
  private final String common;

  StoredProperties(String cluster, String region) {
    this.cluster = cluster;
    this.region = region;
    String text = MessageProperties.append("", MessageProperties.CLUSTER, cluster);
    text = MessageProperties.append(text, MessageProperties.REGION, region);
    this.common = MessageProperties.append(text, MessageProperties.TRACE_ON, TRACE_ON);
  }

  /**
   * The text to store.
   *
   * @param uniqueKey what to add if the message has none
   */
  String of(String text, PropertyScan scan, String uniqueKey) {
    String own = text;
    if (scan.popCheckpoint != null) {
      own = MessageProperties.remove(own, PropertyScan.POP_CHECKPOINT);
    }
    own = without(own, MessageProperties.CLUSTER, scan.cluster);
    own = without(own, MessageProperties.REGION, scan.region);
    own = without(own, MessageProperties.TRACE_ON, scan.traceOn);
    StringBuilder result = new StringBuilder(own.length() + common.length() + 64).append(own);
    if (!own.isEmpty() && own.charAt(own.length() - 1) != VALUE_END) {
      result.append(VALUE_END);
    }
    if (scan.uniqueKey == null) {
      result.append(MessageProperties.append("", MessageProperties.UNIQUE_KEY, uniqueKey));
    }
    return result.append(common).toString();
  }

  /** The region told to producers. */
  String region() {
    return region;
  }

  /** The cluster named in messages. */
  String cluster() {
    return cluster;
  }

  private static String without(String text, String name, @Nullable String value) {
    return value == null ? text : MessageProperties.remove(text, name);
  }
}
