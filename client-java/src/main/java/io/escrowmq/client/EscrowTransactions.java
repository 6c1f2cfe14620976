package io.escrowmq.client;

import java.util.List;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.RPCHook;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens transactions of several messages, and answers the server's questions about them. One per
 * producer group and process. Thread-safe.
 *
 * <pre>{@code
 * try (EscrowTransactions transactions =
 *     EscrowTransactions.builder("transfers", "127.0.0.1:9876")
 *         .checkListener(key -> journal.outcomeOf(key))
 *         .topics(List.of("debits", "credits"))
 *         .start()) {
 *   EscrowTransaction transaction = transactions.open(transferId);
 *   transaction.send(new Message("debits", debit));
 *   transaction.send(new Message("credits", credit));
 *   journal.commitLocally(transferId);
 *   transaction.commit();
 * }
 * }</pre>
 */
public final class EscrowTransactions implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EscrowTransactions.class);

  private final TransactionMQProducer producer;
  private final Transport transport;

  private EscrowTransactions(TransactionMQProducer producer, Transport transport) {
    this.producer = producer;
    this.transport = transport;
  }

  /**
   * A builder.
   *
   * @param producerGroup whose members decide and are asked
   * @param nameServer {@code host:port}, several separated by semicolons
   */
  public static Builder builder(String producerGroup, String nameServer) {
    return new Builder(producerGroup, nameServer);
  }

  /**
   * A new transaction; nothing is sent before its first message.
   *
   * @param key names it for the server's questions: unique within the group, never used again; 1 to
   *     255 bytes of UTF-8
   */
  public EscrowTransaction open(String key) {
    return new EscrowTransaction(transport, producer.getProducerGroup(), key);
  }

  /** Stops answering questions, closes the connections. Open transactions stay open. */
  @Override
  public void close() {
    producer.shutdown();
  }

  /** Collects the settings. Not thread-safe. */
  public static final class Builder {

    private final String producerGroup;
    private final String nameServer;
    private CheckListener listener = key -> LocalOutcome.UNKNOWN;
    private List<String> topics = List.of();
    private @Nullable RPCHook hook;
    private @Nullable String instanceName;
    private int timeoutMs = 3_000;
    private int tries = 8;

    private Builder(String producerGroup, String nameServer) {
      this.producerGroup = producerGroup;
      this.nameServer = nameServer;
    }

    /** Who answers the server's questions; without it every answer is "unknown". */
    public Builder checkListener(CheckListener checks) {
      listener = checks;
      return this;
    }

    /**
     * Topics that transactions will send to. A producer is known to servers of these topics from
     * its start on, so that it can be asked about transactions of its predecessor; without them,
     * from its first transaction on.
     */
    public Builder topics(List<String> names) {
      topics = List.copyOf(names);
      return this;
    }

    /** Signs requests, as for the official client: {@code AclClientRPCHook}. */
    public Builder rpcHook(RPCHook signer) {
      hook = signer;
      return this;
    }

    /** Tells several instances of one process apart. */
    public Builder instanceName(String name) {
      instanceName = name;
      return this;
    }

    /**
     * How often a request is tried and how long each time; between tries are pauses of up to 2 s.
     *
     * @param eachMs 1 or more
     * @param attempts 1 or more
     */
    public Builder timeouts(int eachMs, int attempts) {
      if (eachMs < 1 || attempts < 1) {
        throw new IllegalArgumentException("timeout and tries must be at least 1");
      }
      timeoutMs = eachMs;
      tries = attempts;
      return this;
    }

    /**
     * Connects.
     *
     * @throws MQClientException if the official client does not start
     */
    public EscrowTransactions start() throws MQClientException {
      TransactionMQProducer producer = new TransactionMQProducer(producerGroup, hook, topics);
      producer.setNamesrvAddr(nameServer);
      if (instanceName != null) {
        producer.setInstanceName(instanceName);
      }
      producer.setTransactionListener(new Checks(listener));
      producer.start();
      return new EscrowTransactions(producer, new Transport(producer, timeoutMs, tries));
    }
  }

  /** The official client's questions in this library's terms. */
  record Checks(CheckListener listener) implements TransactionListener {

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
      throw new IllegalStateException("this producer sends no half messages");
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      String key = message.getTransactionId();
      try {
        return switch (listener.check(key)) {
          case COMMIT -> LocalTransactionState.COMMIT_MESSAGE;
          case ROLLBACK -> LocalTransactionState.ROLLBACK_MESSAGE;
          case UNKNOWN -> LocalTransactionState.UNKNOW;
        };
      } catch (RuntimeException e) {
        log.warn("The check listener failed for transaction {}: it is asked again later", key, e);
        return LocalTransactionState.UNKNOW;
      }
    }
  }
}
