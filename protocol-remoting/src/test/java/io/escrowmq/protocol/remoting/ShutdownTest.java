package io.escrowmq.protocol.remoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.escrowmq.protocol.remoting.wire.FrameDecoder;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.RemotingFrame;
import io.escrowmq.spi.protocol.SendRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client learns when the server goes while it is sending. */
@ExtendWith(LeakWatch.class)
final class ShutdownTest {
  private static final int FIRST_NUMBER = 100;
  private static final int MOST_REQUESTS = 1_000_000;

  /** Small, so that most answers are still the server's to send when it closes. */
  private static final int RECEIVE_BUFFER_BYTES = 32 * 1024;

  private static final Duration GRACE = Duration.ofSeconds(20);

  @Test
  void whatWasCarriedOutIsAnsweredAlthoughMoreRequestsCome() throws Exception {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = slowReader(fixture)) {
      Thread sender = Thread.ofPlatform().start(() -> sendUntilRefused(client));
      await().until(() -> carriedOut(fixture.broker).size() > 3_000);
      Thread closing =
          Thread.ofPlatform()
              .start(() -> {
                fixture.server.drain(GRACE);
                fixture.server.close();
              });
      // Reading begins only once the server is done with its part, whatever it made of it.
      closing.join(Duration.ofMillis(500));
      Set<Integer> answered = answersUntilTheEnd(client);
      client.close();
      assertThat(closing.join(GRACE)).isTrue();
      assertThat(sender.join(GRACE)).isTrue();
      assertThat(answered).isEqualTo(carriedOut(fixture.broker));
    }
  }

  @Test
  void aPeerThatNeverClosesIsNotWaitedForLong() throws Exception {
    try (ServerFixture fixture = new ServerFixture();
        WireClient client = fixture.client()) {
      client.call(4711, Map.of());
      Thread closing = Thread.ofPlatform().start(fixture.server::close);
      assertThat(closing.join(GRACE)).isTrue();
      assertThat(client.closedByServer()).isTrue();
    }
  }

  private static WireClient slowReader(ServerFixture fixture) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    socket.connect(fixture.brokerAddress());
    return new WireClient(socket, HeaderEncoding.BINARY);
  }

  private static void sendUntilRefused(WireClient client) {
    Map<String, String> fields = new HashMap<>();
    fields.putAll(Map.of("a", "pg", "b", "T", "e", "0", "f", "0", "g", "5"));
    try {
      for (int i = 0; i < MOST_REQUESTS; i++) {
        byte[] number = ByteBuffer.allocate(4).putInt(FIRST_NUMBER + i).array();
        assertThat(client.tell(310, false, fields, number)).isEqualTo(FIRST_NUMBER + i);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
    }
  }

  private static Set<Integer> carriedOut(FakeBroker broker) {
    Set<Integer> numbers = new TreeSet<>();
    synchronized (broker) {
      for (SendRequest sent : broker.sent) {
        numbers.add(sent.body().getInt(0));
      }
    }
    return numbers;
  }

  /** Read at once and looked at later: the server does not wait for long. */
  private static Set<Integer> answersUntilTheEnd(WireClient client) throws IOException {
    EmbeddedChannel decoder = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));
    decoder.writeInbound(Unpooled.wrappedBuffer(client.rest()));
    Set<Integer> numbers = new TreeSet<>();
    for (RemotingFrame frame = decoder.readInbound();
        frame != null;
        frame = decoder.readInbound()) {
      if (frame.command().code() == 0) {
        numbers.add(frame.command().opaque());
      }
      frame.release();
    }
    decoder.finishAndReleaseAll();
    return numbers;
  }
}
