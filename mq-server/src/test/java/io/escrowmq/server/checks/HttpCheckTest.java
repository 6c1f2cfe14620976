package io.escrowmq.server.checks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.CheckChannel.Question;
import io.escrowmq.tx.Decision;
import io.escrowmq.tx.ExternalCheck.Answer;
import io.escrowmq.tx.Handle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the answers of a service mean, and that nothing unclear decides. */
final class HttpCheckTest {

  private static final byte[] SECRET = "a-secret-of-the-service".getBytes(UTF_8);

  private HttpServer service;
  private HttpCheck check;
  private volatile int status = 200;
  private volatile String answer = "";
  private volatile Optional<String> retryAfter = Optional.empty();

  @BeforeEach
  void start() throws Exception {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          retryAfter.ifPresent(it -> exchange.getResponseHeaders().set("Retry-After", it));
          byte[] bytes = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    service.start();
    check = at(service.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    check.close();
    service.stop(0);
  }

  @Test
  void answersMeanWhatTheySay() throws Exception {
    answer = "{\"decision\":\"commit\"}";
    assertThat(ask()).isEqualTo(new Answer.Decided(Decision.COMMIT));
    answer = "{\"decision\":\"ROLLBACK\",\"more\":1}";
    assertThat(ask()).isEqualTo(new Answer.Decided(Decision.ROLLBACK));
    answer = "{\"decision\":\"unknown\"}";
    assertThat(ask()).isEqualTo(new Answer.Unknown());
    retryAfter = Optional.of("90");
    assertThat(ask()).isEqualTo(new Answer.Later(Duration.ofSeconds(90)));
    answer = "";
    for (int busy : new int[] {429, 503}) {
      status = busy;
      assertThat(ask()).isEqualTo(new Answer.Later(Duration.ofSeconds(90)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "commit", "{}", "[]", "{\"decision\":\"maybe\"}", "{\"decision\":1}"})
  void whatIsUnclearDecidesNothing(String unclear) {
    answer = unclear;
    assertThatThrownBy(this::ask).hasStackTraceContaining(" answers ");
  }

  @Test
  void moreThanAnAnswerIsNotRead() {
    answer = "{\"decision\":\"commit\",\"padding\":\"" + "x".repeat(100_000) + "\"}";
    assertThatThrownBy(this::ask).isInstanceOf(Exception.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 307, 401, 404, 500, 503})
  void otherStatusesDecideNothing(int other) {
    status = other;
    answer = "{\"decision\":\"commit\"}";
    assertThatThrownBy(this::ask).hasStackTraceContaining("HTTP " + other);
  }

  @Test
  void nobodyThereIsNoAnswer() {
    int port = service.getAddress().getPort();
    service.stop(0);
    try (HttpCheck nobody = at(port)) {
      assertThatThrownBy(
              () -> nobody.ask(question()).toCompletableFuture().get(10, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(java.nio.channels.ClosedChannelException.class);
    }
  }

  @Test
  void theSignatureIsWhatTheDocumentationSays() {
    // echo -n "<32 zeros>.1700000000000.key" | openssl dgst -sha256 -hmac a-secret-of-the-service
    assertThat(HttpCheck.signature(SECRET, "0".repeat(32), 1_700_000_000_000L, "key"))
        .isEqualTo("8d5b669e0decdbc062b06187215ac46ead6ece77170c27ba99ba0b06ca5f7c9f");
  }

  private Answer ask() throws Exception {
    return check.ask(question()).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static HttpCheck at(int port) {
    return new HttpCheck(
        URI.create("http://127.0.0.1:" + port + "/check"),
        SECRET,
        Duration.ofSeconds(2),
        TimeSource.system());
  }

  private static Question question() {
    QueueId queue = new QueueId("t", 0);
    return new Question(
        new Handle(1, 2),
        "g",
        new MessageBuilder()
            .queue(queue)
            .body(new byte[0])
            .propertiesText(MessageProperties.format(Map.of(MessageProperties.UNIQUE_KEY, "key")))
            .build(),
        1,
        "sender",
        Optional.empty());
  }
}
