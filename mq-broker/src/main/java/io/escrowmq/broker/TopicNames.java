package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.QueueId;
import java.util.Set;

/** Which names topics and groups may have (source: Apache RocketMQ 4.x/5.x topic rules). */
final class TopicNames {

  /** The template that producers name for auto-creation. */
  static final String TEMPLATE = "TBW102";

  /** Where clients store their traces. */
  static final String TRACE = "RMQ_SYS_TRACE_TOPIC";

  /** Lets tools find a broker. */
  static final String SELF_TEST = "SELF_TEST_TOPIC";

  private static final String RETRY_PREFIX = "%RETRY%";
  private static final String DEAD_LETTER_PREFIX = "%DLQ%";
  private static final String REPLY_SUFFIX = "_REPLY_TOPIC";
  private static final String OTHER_CHARACTERS = "%|-_";
  private static final int MAX_USER_TOPIC_LENGTH = 127;
  private static final int MAX_GROUP_LENGTH = QueueId.MAX_TOPIC_LENGTH - RETRY_PREFIX.length();

  /** Names that mean something to RocketMQ's own broker; users cannot send to them here either. */
  private static final Set<String> RESERVED =
      Set.of(
          TEMPLATE,
          SELF_TEST,
          "SCHEDULE_TOPIC_XXXX",
          "RMQ_SYS_TRANS_HALF_TOPIC",
          "RMQ_SYS_TRANS_OP_HALF_TOPIC",
          "TRANS_CHECK_MAX_TIME_TOPIC",
          "OFFSET_MOVED_EVENT",
          "rmq_sys_wheel_timer");

  private TopicNames() {}

  static String retryOf(String group) {
    return RETRY_PREFIX + group;
  }

  static String deadLetterOf(String group) {
    return DEAD_LETTER_PREFIX + group;
  }

  static String replyOf(String cluster) {
    return cluster + REPLY_SUFFIX;
  }

  static boolean isRetry(String topic) {
    return topic.startsWith(RETRY_PREFIX);
  }

  static boolean isDeadLetter(String topic) {
    return topic.startsWith(DEAD_LETTER_PREFIX);
  }

  /** The group of a retry or dead-letter topic. */
  static String groupOf(String topic) {
    return topic.substring(isRetry(topic) ? RETRY_PREFIX.length() : DEAD_LETTER_PREFIX.length());
  }

  /** True if the name belongs to the system: users neither create nor send to it. */
  static boolean isReserved(String topic) {
    return RESERVED.contains(topic);
  }

  /** Refuses a topic name that nobody may use. */
  static void checkTopic(String topic) {
    boolean internal = isRetry(topic) || isDeadLetter(topic);
    checkName("topic name", topic, internal ? QueueId.MAX_TOPIC_LENGTH : MAX_USER_TOPIC_LENGTH);
  }

  /** Refuses a group name that nobody may use. */
  static void checkGroup(String group) {
    checkName("group name", group, MAX_GROUP_LENGTH);
  }

  /** For settings: the same rule as an illegal argument. */
  static void requireLegal(String what, String name) {
    if (name.isEmpty() || !legalCharacters(name)) {
      throw new IllegalArgumentException(
          what
              + " has an illegal character: '"
              + name
              + "'; allowed are %, |, -, _, a-z, A-Z, 0-9");
    }
  }

  private static void checkName(String what, String name, int maxLength) {
    if (name.isEmpty() || name.length() > maxLength) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the " + what + " has " + name.length() + " characters",
          "Use 1 to " + maxLength + " characters.");
    }
    if (!legalCharacters(name)) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the " + what + " '" + name + "' has an illegal character",
          "Use only %, |, -, _, a-z, A-Z and 0-9.");
    }
  }

  private static boolean legalCharacters(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!isLetterOrDigit(c) && OTHER_CHARACTERS.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
