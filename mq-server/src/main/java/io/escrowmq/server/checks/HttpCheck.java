package io.escrowmq.server.checks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.tx.CheckChannel.Question;
import io.escrowmq.tx.Decider;
import io.escrowmq.tx.Decision;
import io.escrowmq.tx.ExternalCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a service over HTTP. The request is signed, so that the service knows who asks; the address
 * comes from the operator's file only, and redirects are not followed. {@code docs/transactions.md}
 * describes request and answers. Thread-safe.
 */
final class HttpCheck implements ExternalCheck {

  /** HMAC-SHA256 over handle, time and key, in hexadecimal digits. */
  static final String SIGNATURE = "X-EscrowMQ-Signature";

  /** Milliseconds since the epoch; signed, so that a recorded request is known to be old. */
  static final String TIMESTAMP = "X-EscrowMQ-Timestamp";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAX_CONCURRENT = 32;
  private static final int MAX_ANSWER_BYTES = 4096;
  private static final int OK = 200;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final JsonMapper JSON = new JsonMapper();

  private final URI address;
  private final byte[] secret;
  private final Duration timeout;
  private final TimeSource time;
  private final HttpClient client;

  HttpCheck(URI address, byte[] secret, Duration timeout, TimeSource time) {
    this.address = address;
    this.secret = secret.clone();
    this.timeout = timeout;
    this.time = time;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  @Override
  public Decider.Kind kind() {
    return Decider.Kind.HTTP_CHECK;
  }

  @Override
  public String name() {
    return address.getScheme() + "://" + address.getAuthority() + address.getPath();
  }

  @Override
  public int maxConcurrent() {
    return MAX_CONCURRENT;
  }

  @Override
  public CompletionStage<Answer> ask(Question question) {
    String key = question.message().uniqueKey().orElse("");
    String handle = question.handle().toString();
    long nowMs = time.nowMs();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", handle);
    body.put("key", key);
    body.put("group", question.producerGroup());
    body.put("topic", question.message().topic());
    body.put("attempt", question.attempt());
    body.put("timestamp", nowMs);
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header(TIMESTAMP, Long.toString(nowMs))
            .header(SIGNATURE, signature(secret, handle, nowMs, key))
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    // A longer answer is an error: no peer decides how much memory it gets.
    return client
        .sendAsync(
            request, _ -> BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER_BYTES))
        .orTimeout(2 * timeout.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
        .thenApply(this::answer);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  /** The handle has a fixed length and the time only digits, so the text has one reading. */
  static String signature(byte[] secret, String handle, long timeMs, String key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      mac.update((handle + "." + timeMs + "." + key).getBytes(UTF_8));
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  private Answer answer(HttpResponse<byte[]> response) {
    Optional<Duration> later = retryAfter(response.headers());
    if (response.statusCode() != OK) {
      if (later.isPresent()
          && (response.statusCode() == TOO_MANY || response.statusCode() == UNAVAILABLE)) {
        return new Answer.Later(later.get());
      }
      throw refused("HTTP " + response.statusCode());
    }
    String decision;
    try {
      JsonNode body = JSON.readTree(new String(response.body(), UTF_8));
      decision = body.path("decision").asString("");
    } catch (JacksonException e) {
      throw refused("an answer that is not JSON");
    }
    return switch (decision.toLowerCase(Locale.ROOT)) {
      case "commit" -> new Answer.Decided(Decision.COMMIT);
      case "rollback" -> new Answer.Decided(Decision.ROLLBACK);
      case "unknown" -> later.<Answer>map(Answer.Later::new).orElseGet(Answer.Unknown::new);
      default -> throw refused("no 'decision' of commit, rollback or unknown");
    };
  }

  /** Nothing that is said unclearly decides, or counts. */
  private UncheckedIOException refused(String what) {
    return new UncheckedIOException(new IOException(name() + " answers " + what));
  }

  private static Optional<Duration> retryAfter(HttpHeaders headers) {
    try {
      return headers
          .firstValue("Retry-After")
          .map(text -> Duration.ofSeconds(Math.clamp(Long.parseLong(text.strip()), 1, 86_400)));
    } catch (NumberFormatException _) {
      // A date: that is allowed, and rare; the rules' own interval does as well.
      return Optional.empty();
    }
  }
}
