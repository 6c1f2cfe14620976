package io.escrowmq.client;

import static io.escrowmq.client.LoopbackServer.answer;
import static io.escrowmq.client.LoopbackServer.answerBy;
import static io.escrowmq.client.LoopbackServer.babble;
import static io.escrowmq.client.LoopbackServer.hangUp;
import static io.escrowmq.client.LoopbackServer.silence;
import static io.escrowmq.client.LoopbackServer.tear;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.client.EscrowException.Kind;
import io.escrowmq.client.LoopbackServer.Manner;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.exception.RemotingConnectException;
import org.apache.rocketmq.remoting.exception.RemotingTimeoutException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The official client's connections to a real socket that misbehaves. */
@Timeout(60)
final class TransportTest {

  private static final int TRIES = 4;
  private static final int SHORT_MS = 300;

  /** Longer than a test may take: where it is used, nothing may wait for it. */
  private static final int LONG_MS = 120_000;

  private static final AtomicInteger names = new AtomicInteger();

  private final LoopbackServer server = new LoopbackServer();
  private final DefaultMQProducer producer = new DefaultMQProducer("g");

  @BeforeEach
  void start() throws MQClientException {
    producer.setNamesrvAddr(server.address());
    producer.setInstanceName("transport-" + names.incrementAndGet());
    producer.start();
  }

  @AfterEach
  void stop() {
    producer.shutdown();
    server.close();
  }

  @Test
  void sendsWhatItIsGiven() throws EscrowException {
    transport(LONG_MS).call("a", "debits", 30_002, Map.of("sequence", "7"), "body".getBytes(UTF_8));

    RemotingCommand request = server.requests().get(0);
    assertThat(request.getCode()).isEqualTo(30_002);
    assertThat(request.getExtFields()).containsEntry("sequence", "7");
    assertThat(request.getBody()).asString(UTF_8).isEqualTo("body");
  }

  @Test
  void knowsTheQueuesOfTopicsThatExist() {
    Transport transport = transport(LONG_MS);
    assertThat(transport.queues("debits")).hasSize(4);
    assertThat(transport.queues("nowhere")).isEmpty();
    server.close();
    assertThat(transport.queues("elsewhere")).isEmpty();
    assertThat(transport.queues("debits")).as("what was known stays").hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 14, 215})
  void aServerThatCannotNowIsAskedAgain(int code) throws EscrowException {
    server.then(answer(code), answer(code));
    assertThat(call(transport(LONG_MS)).getCode()).isZero();
    assertThat(server.requests()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 604, 30_101, 30_102, 30_103, 30_104})
  void anAnswerThatWillNotChangeIsFinal(int code) {
    server.then(answer(code));
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> call(transport(LONG_MS)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Codes.kind(code)))
        .withMessageContaining(code + ": told so");
    assertThat(server.requests()).hasSize(1);
  }

  static Stream<Manner> deaths() {
    return Stream.of(hangUp(), tear(), babble());
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void aConnectionThatDiesBeforeTheAnswerIsReplacedAtOnce(Manner death) throws EscrowException {
    server.then(death);
    assertThat(call(transport(LONG_MS)).getCode()).isZero();
    assertThat(server.requests()).hasSize(2);
    assertThat(server.connectionsUsed()).isEqualTo(2);
    assertThat(opaques()).as("a request of its own each time").hasSize(2);
  }

  @Test
  void aConnectionThatDiesEveryTimeEndsInAnUnknownOutcome() {
    server.then(hangUp(), tear(), hangUp(), hangUp(), hangUp());
    assertUnknown(() -> call(transport(LONG_MS)));
    assertThat(server.requests()).hasSize(TRIES);
  }

  @Test
  void noAnswerIsWaitedForAndAskedForAgain() throws EscrowException {
    server.then(silence(), silence());
    long start = System.nanoTime();
    assertThat(call(transport(SHORT_MS)).getCode()).isZero();

    assertThat(since(start)).isGreaterThanOrEqualTo(Duration.ofMillis(2 * SHORT_MS));
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void silenceEndsInAnUnknownOutcome() {
    server.then(silence(), silence(), silence(), silence(), silence());
    long start = System.nanoTime();
    assertUnknown(() -> call(transport(SHORT_MS)))
        .hasCauseInstanceOf(RemotingTimeoutException.class);

    assertThat(server.requests()).hasSize(TRIES);
    assertThat(since(start)).isGreaterThanOrEqualTo(Duration.ofMillis(TRIES * SHORT_MS));
  }

  @Test
  void aLateAnswerIsNotTakenForThatOfTheNextTry() throws EscrowException {
    AtomicReference<RemotingCommand> first = new AtomicReference<>();
    server.then(
        (request, line) -> first.set(request),
        (request, line) -> {
          RemotingCommand late = LoopbackServer.response(first.get(), 0, "");
          late.addExtField(LoopbackServer.ANSWERED_BY, "late");
          line.send(LoopbackServer.bytes(late));
          answerBy("in time").treat(request, line);
        });
    assertThat(call(transport(SHORT_MS)).getExtFields())
        .containsEntry(LoopbackServer.ANSWERED_BY, "in time");
    assertThat(opaques()).hasSize(2);
  }

  @Test
  void aRefusalAfterATimeOutIsTheAnswer() {
    server.then(silence(), answer(30_103));
    assertThatExceptionOfType(EscrowException.class)
        .isThrownBy(() -> call(transport(SHORT_MS)))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aServerThatComesBackAtItsAddressIsFound() throws Exception {
    Transport transport = transport(LONG_MS);
    call(transport);
    int port = server.port();
    server.close();
    assertUnknown(() -> call(transport)).hasCauseInstanceOf(RemotingConnectException.class);

    try (LoopbackServer again = new LoopbackServer(port)) {
      assertThat(call(transport).getCode()).isZero();
      assertThat(again.requests()).isNotEmpty();
    }
  }

  @Test
  void aBrokerThatMovedIsFollowed() throws EscrowException {
    try (LoopbackServer other = new LoopbackServer()) {
      server.then((request, line) -> {
        server.move(other);
        line.send(LoopbackServer.bytes(LoopbackServer.response(request, 14, "handed over")));
      });
      assertThat(call(transport(LONG_MS)).getExtFields())
          .containsEntry(LoopbackServer.ANSWERED_BY, other.address());
      assertThat(server.requests()).hasSize(1);
      assertThat(other.requests()).hasSize(1);
    }
  }

  @Test
  void aBrokerThatNobodyKnowsIsAnUnknownOutcomeWithItsName() {
    assertUnknown(() -> transport(SHORT_MS).call("b", "debits", 30_001, Map.of(), null))
        .hasMessageContaining("no address of broker b");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void anInterruptEndsTheWaitAndIsKept() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    server.then((request, line) -> asked.countDown());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Boolean> kept = new AtomicReference<>(false);
    Thread caller =
        new Thread(() -> {
          try {
            call(transport(LONG_MS));
          } catch (EscrowException e) {
            thrown.set(e);
            kept.set(Thread.currentThread().isInterrupted());
          }
        });
    caller.start();
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join(TimeUnit.SECONDS.toMillis(20));

    assertThat(thrown.get())
        .isInstanceOfSatisfying(
            EscrowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
    assertThat(kept.get()).isTrue();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void anInterruptBetweenTwoTriesEndsThemToo() throws InterruptedException {
    AtomicReference<Thread> caller = new AtomicReference<>();
    server.then((request, line) -> {
      answer(2).treat(request, line);
      caller.get().interrupt();
    });
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    caller.set(
        new Thread(() -> {
          try {
            call(transport(LONG_MS));
          } catch (EscrowException e) {
            thrown.set(e);
          }
        }));
    caller.get().start();
    caller.get().join(TimeUnit.SECONDS.toMillis(20));

    assertThat(thrown.get())
        .isInstanceOfSatisfying(
            EscrowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
    assertThat(server.requests()).hasSize(1);
  }

  private Transport transport(int timeoutMs) {
    Transport transport = new Transport(producer, timeoutMs, TRIES);
    transport.queues("debits");
    return transport;
  }

  private static RemotingCommand call(Transport transport) throws EscrowException {
    return transport.call("a", "debits", 30_003, Map.of("decision", "COMMIT"), null);
  }

  private Set<Integer> opaques() {
    return server.requests().stream().map(RemotingCommand::getOpaque).collect(Collectors.toSet());
  }

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertUnknown(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            EscrowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN));
  }
}
