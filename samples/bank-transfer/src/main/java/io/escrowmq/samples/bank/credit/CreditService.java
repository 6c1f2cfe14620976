package io.escrowmq.samples.bank.credit;

import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.contract.Transfer;
import java.sql.SQLException;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving service. A message may come more than once (its acknowledgement got lost, a
 * consumer or the server was restarted); the inbox of {@link CreditDatabase} makes that harmless.
 */
public final class CreditService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CreditService.class);
  private static final int CONSUMER_THREADS = 4;

  /** Level 1 is one second: how long the server waits before it delivers a message again. */
  private static final int RETRY_DELAY_LEVEL = 1;

  private final DefaultMQPushConsumer consumer;
  private final CreditDatabase database;
  private final CreditFaults faults;
  private final CreditObserver observer;

  public CreditService(
      ClientSettings settings,
      CreditDatabase database,
      CreditFaults faults,
      CreditObserver observer)
      throws MQClientException {
    this.database = database;
    this.faults = faults;
    this.observer = observer;
    consumer = new DefaultMQPushConsumer(settings.group());
    settings.applyTo(consumer);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.setConsumeThreadMin(CONSUMER_THREADS);
    consumer.setConsumeThreadMax(CONSUMER_THREADS);
    consumer.setConsumeMessageBatchMaxSize(1);
    consumer.subscribe(settings.topic(), "*");
    consumer.registerMessageListener(this::receive);
  }

  public void start() throws MQClientException {
    consumer.start();
  }

  private ConsumeConcurrentlyStatus receive(
      List<MessageExt> messages, ConsumeConcurrentlyContext context) {
    context.setDelayLevelWhenNextConsume(RETRY_DELAY_LEVEL);
    for (MessageExt message : messages) {
      Transfer transfer = Transfer.fromBody(message.getBody());
      try {
        if (database.credit(transfer)) {
          observer.credited(transfer);
          if (faults.losesAcknowledgement(transfer)) {
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
          }
        } else {
          observer.duplicateFiltered(transfer);
        }
      } catch (SQLException e) {
        LOG.warn(
            "transfer {}: the database failed, the message will be delivered again",
            transfer.id(),
            e);
        return ConsumeConcurrentlyStatus.RECONSUME_LATER;
      }
    }
    return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
  }

  @Override
  public void close() {
    consumer.shutdown();
  }
}
