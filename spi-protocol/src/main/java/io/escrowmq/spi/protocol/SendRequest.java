package io.escrowmq.spi.protocol;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * A message on its way in. A message whose properties say TRAN_MSG=true is held as a half message;
 * one with a delivery time or delay level is held until then.
 *
 * @param clientId id of the sending client if the protocol knows it, else empty text
 * @param defaultTopic template for auto-creation, empty if the client named none
 * @param defaultTopicQueues queues wanted for an auto-created topic
 * @param queue queue number; negative lets the broker choose
 * @param flag the application's flag
 * @param systemFlag the client's system flag bits
 * @param propertiesText text form, stored byte for byte plus what the server adds
 * @param body remaining bytes; copied before the call returns
 * @param reconsumeTimes for retry topics, as given by the client
 * @param maxReconsumeTimes the client's own limit for retry topics
 */
public record SendRequest(
    String producerGroup,
    String clientId,
    String topic,
    String defaultTopic,
    int defaultTopicQueues,
    int queue,
    int flag,
    int systemFlag,
    long bornTimeMs,
    InetSocketAddress bornHost,
    String propertiesText,
    ByteBuffer body,
    int reconsumeTimes,
    OptionalInt maxReconsumeTimes) {}
