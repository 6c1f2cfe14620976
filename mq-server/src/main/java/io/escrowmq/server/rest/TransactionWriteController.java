package io.escrowmq.server.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.JointServices.Ended;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.TimeSource;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Transactions of several messages for applications without a client library: open, add, decide.
 * Every request may be repeated until it is answered.
 */
@RestController
@RequestMapping("/api/v1/transactions")
final class TransactionWriteController {

  private static final String SHARDING_KEY = "__SHARDINGKEY";

  /** Less than a server waits for another one that it hands a request on to. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private final Doors doors;
  private final HttpServletRequest request;

  /**
   * For all requests.
   *
   * @param request stands for the one that the current thread works on
   */
  TransactionWriteController(Doors doors, HttpServletRequest request) {
    this.doors = doors;
    this.request = request;
  }

  /**
   * A transaction to open.
   *
   * @param checkImmunitySeconds time until the first question
   */
  record Opening(
      @Nullable String group, @Nullable String key, @Nullable Integer checkImmunitySeconds) {}

  /** An open one. */
  record Opened(String id, boolean repeated) {}

  /**
   * A message to add.
   *
   * @param sequence the caller's number of the message, 0 to 1023
   * @param keys separated by blanks
   * @param body text; or {@code bodyBase64}, for bytes
   * @param deliverAt earliest visibility, milliseconds since the epoch
   */
  record Addition(
      @Nullable String group,
      @Nullable Integer sequence,
      @Nullable String topic,
      @Nullable String orderingKey,
      @Nullable String keys,
      @Nullable String tags,
      @Nullable Map<String, String> properties,
      @Nullable String body,
      @Nullable String bodyBase64,
      @Nullable Long deliverAt) {}

  /** A held message. */
  record Added(int sequence, int queue, boolean repeated) {}

  /**
   * A decision.
   *
   * @param messages for a commit, the numbers of the messages that become visible
   */
  record Wish(@Nullable String group, @Nullable List<Integer> messages) {}

  /** A recorded decision. */
  record Decided(String decision, boolean repeated, List<JointServices.Placed> messages) {}

  @PostMapping
  ResponseEntity<Opened> open(@RequestBody Opening opening) {
    Integer immunity = opening.checkImmunitySeconds();
    if (immunity != null && immunity < 0) {
      throw invalid("'checkImmunitySeconds' is 0 or more, not " + immunity);
    }
    JointServices.Opened opened =
        answer(
            joint()
                .open(
                    new JointServices.OpenRequest(
                        required("group", opening.group()),
                        required("key", opening.key()),
                        caller(),
                        Optional.ofNullable(immunity).map(Duration::ofSeconds))));
    return ResponseEntity.status(opened.repeated() ? HttpStatus.OK : HttpStatus.CREATED)
        .body(new Opened(opened.transactionId(), opened.repeated()));
  }

  @PostMapping("/{id}/messages")
  Added add(@PathVariable String id, @RequestBody Addition addition) {
    int sequence = required("sequence", addition.sequence());
    JointServices.Added added =
        answer(joint().add(new JointServices.AddRequest(id, sequence, message(addition))));
    return new Added(sequence, added.queue(), added.repeated());
  }

  @PostMapping("/{id}/commit")
  Decided commit(@PathVariable String id, @RequestBody Wish wish) {
    SortedSet<Integer> named = new TreeSet<>(required("messages", wish.messages()));
    return decided(id, wish, Decision.COMMIT, Optional.of(named));
  }

  @PostMapping("/{id}/rollback")
  Decided rollback(@PathVariable String id, @RequestBody Wish wish) {
    return decided(id, wish, Decision.ROLLBACK, Optional.empty());
  }

  @GetMapping("/{id}/messages")
  JointServices.View messages(@PathVariable String id, @RequestParam String group) {
    return answer(joint().view(id, group));
  }

  private Decided decided(
      String id, Wish wish, Decision decision, Optional<SortedSet<Integer>> named) {
    Ended ended =
        answer(
            joint()
                .end(
                    new JointServices.EndRequest(
                        id, required("group", wish.group()), caller(), decision, named, false)));
    return switch (ended) {
      case Ended.Decided it -> new Decided(it.decision().name(), it.repeated(), it.messages());
      case Ended.Conflict it ->
          throw new ApiException(
              HttpStatus.CONFLICT,
              "TRANSACTION_CONFLICT",
              "Transaction "
                  + id
                  + " was decided before as "
                  + it.recorded()
                  + "; nothing was changed",
              "A decision is final. Compare your journal with the audit topic.");
      case Ended.OtherMessages it ->
          throw new ApiException(
              HttpStatus.CONFLICT,
              "TRANSACTION_CONFLICT",
              "Transaction "
                  + id
                  + " was committed before with the messages "
                  + it.committed()
                  + ", and this commit names others; nothing was changed",
              "A decision is final. Repeat a commit with the same messages; if you did, see in the"
                  + " audit topic who else decides under this key.");
      case Ended.Incomplete it ->
          throw new ApiException(
              HttpStatus.CONFLICT,
              "TRANSACTION_INCOMPLETE",
              "Transaction " + id + " lacks the messages " + it.missing() + "; nothing was changed",
              "Add them and commit again, or roll back.");
      case Ended.StillOpen _ -> throw new IllegalStateException("a decision left it open");
    };
  }

  private SendRequest message(Addition addition) {
    Map<String, String> properties = new TreeMap<>();
    if (addition.properties() != null) {
      properties.putAll(addition.properties());
    }
    putIfThere(properties, MessageProperties.KEYS, addition.keys());
    putIfThere(properties, MessageProperties.TAGS, addition.tags());
    putIfThere(properties, SHARDING_KEY, addition.orderingKey());
    Long deliverAt = addition.deliverAt();
    if (deliverAt != null && deliverAt > 0) {
      properties.put(MessageProperties.DELIVER_AT_MS, Long.toString(deliverAt));
    }
    properties.forEach((name, value) -> {
      if ((name + value).chars().anyMatch(Character::isISOControl)) {
        throw invalid("Property '" + name + "' has control characters");
      }
    });
    return new SendRequest(
        required("group", addition.group()),
        caller(),
        required("topic", addition.topic()),
        "",
        0,
        -1,
        0,
        0,
        TimeSource.system().nowMs(),
        new InetSocketAddress(
            InetAddress.ofLiteral(request.getRemoteAddr()), request.getRemotePort()),
        MessageProperties.format(properties),
        body(addition),
        0,
        OptionalInt.empty());
  }

  private static ByteBuffer body(Addition addition) {
    if (addition.body() != null && addition.bodyBase64() != null) {
      throw invalid("'body' and 'bodyBase64' exclude each other");
    }
    if (addition.bodyBase64() != null) {
      try {
        return ByteBuffer.wrap(Base64.getDecoder().decode(addition.bodyBase64()));
      } catch (IllegalArgumentException e) {
        throw invalid("'bodyBase64' is not Base64");
      }
    }
    return ByteBuffer.wrap(required("body", addition.body()).getBytes(UTF_8));
  }

  private static void putIfThere(
      Map<String, String> properties, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      properties.put(name, value);
    }
  }

  private static <T> T required(String name, @Nullable T value) {
    if (value == null) {
      throw invalid("The request has no '" + name + "'");
    }
    return value;
  }

  private static ApiException invalid(String text) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "INVALID_PARAMETER",
        text,
        "docs/formats/native-transactions.md has an example of each request.");
  }

  private static <T> T answer(CompletionStage<T> stage) {
    return answer(stage, PATIENCE);
  }

  /** What came of a request; a store that does not answer must not hold the caller for ever. */
  static <T> T answer(CompletionStage<T> stage, Duration patience) {
    try {
      return stage
          .toCompletableFuture()
          .copy()
          .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BrokerException refused) {
        throw refused;
      }
      if (e.getCause() instanceof TimeoutException) {
        throw new ApiException(
            HttpStatus.SERVICE_UNAVAILABLE,
            "OUTCOME_UNKNOWN",
            "The store did not answer within " + patience.toSeconds() + " s",
            "Repeat the request: it is answered like the first one.");
      }
      throw e;
    }
  }

  private String caller() {
    return "rest@" + request.getRemoteAddr();
  }

  private JointServices joint() {
    return doors.current().sending().joint();
  }
}
