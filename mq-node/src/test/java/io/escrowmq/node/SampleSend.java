package io.escrowmq.node;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Sends through the broker's door, without a network. */
final class SampleSend {

  static final String TOPIC = "sample";

  private SampleSend() {}

  static CompletableFuture<SendReceipt> send(BrokerServices door) {
    return door.sending()
        .send(
            new SendRequest(
                "producers",
                "client-1",
                TOPIC,
                "TBW102",
                4,
                0,
                0,
                0,
                1,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4321),
                "",
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                0,
                OptionalInt.empty()))
        .toCompletableFuture();
  }
}
