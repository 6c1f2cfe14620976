package io.escrowmq.crash.bank;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that sends back whatever it gets. */
final class RoughNetworkTest {

  private static final int SOON_MS = 20_000;
  private static final int NOT_YET_MS = 300;

  private final RoughNetwork network = new RoughNetwork();
  private ServerSocket echo;
  private Socket client;

  @BeforeEach
  void connect() throws IOException {
    echo = new ServerSocket();
    echo.bind(new InetSocketAddress(InetAddress.ofLiteral(RoughNetwork.SERVER), 0));
    Thread.ofVirtual().start(this::serve);
    network.lead(echo.getLocalPort());
    client = new Socket(RoughNetwork.HOST, echo.getLocalPort());
    client.setSoTimeout(SOON_MS);
    assertThat(echoed("there and back")).isEqualTo("there and back");
  }

  private void serve() {
    while (!echo.isClosed()) {
      try (Socket connection = echo.accept()) {
        connection.getInputStream().transferTo(connection.getOutputStream());
      } catch (IOException e) {
        // What a test did to it.
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    network.close();
    echo.close();
  }

  private String echoed(String text) throws IOException {
    client.getOutputStream().write(text.getBytes(US_ASCII));
    return new String(client.getInputStream().readNBytes(text.length()), US_ASCII);
  }

  @Test
  void resetsAfterSomeOfTheBytes() {
    assertThat(network.spoil(RoughNetwork.Trouble.RESET, new Random(1))).isOne();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                assertThat(echoed("0123456789")).isEqualTo("0123456789");
              }
            })
        .isInstanceOfAny(SocketException.class, AssertionError.class);
  }

  @Test
  void endsOneDirection() throws IOException {
    network.spoil(RoughNetwork.Trouble.HALF_CLOSE, new Random(1));
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void dropsUntilItIsCalm() throws IOException {
    network.spoil(RoughNetwork.Trouble.DROP, new Random(1));
    client.setSoTimeout(NOT_YET_MS);
    assertThatThrownBy(() -> echoed("lost")).isInstanceOf(SocketTimeoutException.class);
    client.setSoTimeout(SOON_MS);
    network.calm();
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
  }

  @Test
  void delaysUntilItIsCalm() throws IOException {
    network.spoil(RoughNetwork.Trouble.DELAY, new Random(1));
    long begin = System.nanoTime();
    assertThat(echoed("late")).isEqualTo("late");
    assertThat(System.nanoTime() - begin).isGreaterThan(1_000_000);
    network.calm();
    assertThat(echoed("as usual")).isEqualTo("as usual");
  }

  @Test
  void aServerThatIsAwayIsNotReached() throws IOException {
    echo.close();
    try (Socket another = new Socket(RoughNetwork.HOST, echo.getLocalPort())) {
      another.setSoTimeout(SOON_MS);
      assertThatThrownBy(() -> another.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void spoilsNothingWhereNothingIs() throws IOException {
    try (RoughNetwork quiet = new RoughNetwork()) {
      assertThat(quiet.spoil(RoughNetwork.Trouble.RESET, new Random(1))).isZero();
    }
  }
}
