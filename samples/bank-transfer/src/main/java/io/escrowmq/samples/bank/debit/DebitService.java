package io.escrowmq.samples.bank.debit;

import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.contract.Transfer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paying service. {@link #transfer} takes the money in its own database and sends the message;
 * the message becomes visible if and only if the money was taken. Safe for use by many threads.
 */
public final class DebitService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DebitService.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
  private static final int CHECK_THREADS = 4;

  private final TransactionMQProducer producer;
  private final String topic;
  private final Clock clock;
  private final ExecutorService checkThreads = Executors.newFixedThreadPool(CHECK_THREADS);
  private final CountDownLatch closed = new CountDownLatch(1);

  public DebitService(
      ClientSettings settings,
      DebitDatabase database,
      Clock clock,
      DebitFaults faults,
      CheckObserver checks) {
    this.topic = settings.topic();
    this.clock = clock;
    producer = new TransactionMQProducer(settings.group());
    settings.applyTo(producer);
    producer.setSendMsgTimeout((int) SEND_TIMEOUT.toMillis());
    producer.setExecutorService(checkThreads);
    producer.setTransactionListener(new DebitTransactionListener(database, faults, checks));
    // Without it the client knows no server before its first send, and no server knows the client.
    producer.setTopics(List.of(topic));
  }

  /**
   * Connects. From now on this instance answers check-backs, also for messages that other instances
   * sent.
   */
  public void start() throws MQClientException {
    producer.start();
  }

  /**
   * Creates the topic, so that consumers find it before the first message. Creating it again
   * changes nothing.
   *
   * @param queues how many queues it gets
   * @param patience for how long to try
   * @throws MQClientException when the server did not take the request for the whole time
   */
  @SuppressWarnings(
      "deprecation") // The client has no other call; operators use the server's tools.
  public void createTopic(int queues, Duration patience)
      throws MQClientException, InterruptedException {
    Instant deadline = clock.instant().plus(patience);
    while (true) {
      try {
        producer.createTopic("TBW102", topic, queues, Map.of());
        return;
      } catch (MQClientException e) {
        LOG.warn("topic {} is not created yet: {}", topic, e.toString());
        if (clock.instant().isAfter(deadline) || pause()) {
          throw e;
        }
      }
    }
  }

  /** Waits a moment before another try; says whether this service was closed meanwhile. */
  private boolean pause() throws InterruptedException {
    return closed.await(RETRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Makes one transfer. While the server cannot be reached it tries again, each time with a new
   * message: the message of a failed attempt may have been stored, but nothing was taken for it, so
   * its check-back rolls it back.
   *
   * @param patience for how long to try
   * @return the end of the local transaction, or null if only the journal knows it: a check-back
   *     will settle it
   * @throws TransferFailedException when the server did not take a message for the whole time
   */
  public @Nullable DebitResult transfer(Transfer transfer, Duration patience)
      throws TransferFailedException, InterruptedException {
    Instant deadline = clock.instant().plus(patience);
    while (true) {
      DebitAttempt attempt = new DebitAttempt(transfer);
      MQClientException failure = send(attempt);
      DebitResult result = attempt.result();
      if (attempt.begun() && result != DebitResult.FENCED) {
        return result;
      }
      if (clock.instant().isAfter(deadline) || pause()) {
        throw new TransferFailedException(transfer, patience, failure);
      }
    }
  }

  private @Nullable MQClientException send(DebitAttempt attempt) {
    Transfer transfer = attempt.transfer();
    try {
      producer.sendMessageInTransaction(
          new Message(topic, "transfer", transfer.id(), transfer.toBody()), attempt);
      return null;
    } catch (MQClientException e) {
      LOG.warn("transfer {}: no message stored, trying again: {}", transfer.id(), e.toString());
      return e;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    producer.shutdown();
    checkThreads.shutdown();
  }
}
