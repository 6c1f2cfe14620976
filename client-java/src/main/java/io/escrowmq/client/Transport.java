package io.escrowmq.client;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.impl.producer.TopicPublishInfo;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests over the connections of an official producer, repeated until they are answered: every
 * request of this protocol may be. Thread-safe.
 */
final class Transport implements Requests {

  private static final Logger log = LoggerFactory.getLogger(Transport.class);

  private static final long FIRST_PAUSE_MS = 50;
  private static final long MAX_PAUSE_MS = 2_000;

  private final DefaultMQProducer producer;
  private final int timeoutMs;
  private final int tries;

  /**
   * Over a started producer.
   *
   * @param timeoutMs for one try
   */
  Transport(DefaultMQProducer producer, int timeoutMs, int tries) {
    this.producer = producer;
    this.timeoutMs = timeoutMs;
    this.tries = tries;
  }

  @Override
  public List<MessageQueue> queues(String topic) {
    Map<String, TopicPublishInfo> routes =
        producer.getDefaultMQProducerImpl().getTopicPublishInfoTable();
    TopicPublishInfo known = routes.get(topic);
    if (known == null || !known.ok()) {
      // What is in this table the official client keeps up to date by itself.
      routes.putIfAbsent(topic, new TopicPublishInfo());
      refresh(topic);
      known = routes.get(topic);
    }
    return known == null || !known.ok() ? List.of() : List.copyOf(known.getMessageQueueList());
  }

  @Override
  public RemotingCommand call(
      String broker, String topic, int code, Map<String, String> fields, byte @Nullable [] body)
      throws EscrowException {
    String last = "no address of broker " + broker + " is known";
    @Nullable Exception cause = null;
    for (int i = 0; i < tries; i++) {
      if (i > 0) {
        pause(i);
        refresh(topic);
      }
      String address = instance().findBrokerAddressInPublish(broker);
      if (address == null) {
        continue;
      }
      try {
        RemotingCommand answer = once(address, code, fields, body);
        if (answer.getCode() == Codes.SUCCESS) {
          return answer;
        }
        last = answer.getCode() + ": " + answer.getRemark();
        cause = null;
        if (!Codes.retriable(answer.getCode())) {
          throw new EscrowException(
              Codes.kind(answer.getCode()), "request " + code + " was refused with " + last);
        }
      } catch (RemotingException e) {
        last = "" + e.getMessage();
        cause = e;
      }
    }
    String text =
        "request " + code + " to broker " + broker + " failed " + tries + " times; last: " + last;
    throw cause == null
        ? new EscrowException(EscrowException.Kind.OUTCOME_UNKNOWN, text)
        : new EscrowException(EscrowException.Kind.OUTCOME_UNKNOWN, text, cause);
  }

  private RemotingCommand once(
      String address, int code, Map<String, String> fields, byte @Nullable [] body)
      throws RemotingException, EscrowException {
    RemotingCommand request = RemotingCommand.createRequestCommand(code, null);
    fields.forEach(request::addExtField);
    if (body != null) {
      request.setBody(body);
    }
    try {
      return instance()
          .getMQClientAPIImpl()
          .getRemotingClient()
          .invokeSync(address, request, timeoutMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EscrowException(
          EscrowException.Kind.OUTCOME_UNKNOWN, "interrupted while waiting for an answer", e);
    }
  }

  /** Asks the name server; without an answer what is known stays. */
  private void refresh(String topic) {
    try {
      instance().updateTopicRouteInfoFromNameServer(topic);
    } catch (IllegalStateException e) {
      // The official client's way to say that it has no connection to the name server.
      log.debug("The route of {} could not be fetched", topic, e);
    }
  }

  private static void pause(int attempt) throws EscrowException {
    long pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt, 10));
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
    if (Thread.currentThread().isInterrupted()) {
      throw new EscrowException(
          EscrowException.Kind.OUTCOME_UNKNOWN, "interrupted between two tries");
    }
  }

  private MQClientInstance instance() {
    return producer.getDefaultMQProducerImpl().getMqClientFactory();
  }
}
