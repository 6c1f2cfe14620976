package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BatchSendRequest;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageFormat;
import io.escrowmq.spi.storage.QueueId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Encodes what clients send in the canonical layout. Thread-safe. */
final class Encoder {

  private final Supplier<BrokerIdentity> identity;

  Encoder(Supplier<BrokerIdentity> identity) {
    this.identity = identity;
  }

  /** The address that becomes part of message ids. */
  InetSocketAddress storeHost() {
    return identity.get().address();
  }

  /** A message without transaction, as the request describes it. */
  Message plain(SendRequest request, QueueId queue, String propertiesText) {
    return builder(request, queue)
        .flag(request.flag())
        .body(request.body())
        .propertiesText(propertiesText)
        .build();
  }

  /** Everything of a request but flag, body and properties; no transaction bits. */
  MessageBuilder builder(SendRequest request, QueueId queue) {
    return new MessageBuilder()
        .queue(queue)
        .systemFlag(request.systemFlag() & ~MessageFormat.FLAG_TRANSACTION_MASK)
        .bornTimeMs(request.bornTimeMs())
        .bornHost(request.bornHost())
        .storeHost(storeHost())
        .reconsumeTimes(request.reconsumeTimes());
  }

  /** The request with a body that stays valid after the call returned. */
  static SendRequest owned(SendRequest request) {
    return withBody(request, copyOf(request.body()));
  }

  /** The entry with a body that stays valid after the call returned. */
  static BatchSendRequest.Entry owned(BatchSendRequest.Entry entry) {
    return new BatchSendRequest.Entry(entry.flag(), entry.propertiesText(), copyOf(entry.body()));
  }

  private static ByteBuffer copyOf(ByteBuffer body) {
    ByteBuffer copy = ByteBuffer.allocate(body.remaining());
    return copy.put(body.duplicate()).flip();
  }

  private static SendRequest withBody(SendRequest request, ByteBuffer body) {
    return new SendRequest(
        request.producerGroup(),
        request.clientId(),
        request.topic(),
        request.defaultTopic(),
        request.defaultTopicQueues(),
        request.queue(),
        request.flag(),
        request.systemFlag(),
        request.bornTimeMs(),
        request.bornHost(),
        request.propertiesText(),
        body,
        request.reconsumeTimes(),
        request.maxReconsumeTimes());
  }
}
