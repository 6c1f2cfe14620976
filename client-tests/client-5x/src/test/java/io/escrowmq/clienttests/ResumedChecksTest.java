package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Transactions that were given up, and an operator with the official API who asks once more. */
@Tag("escrowmq-only")
final class ResumedChecksTest {
  @RegisterExtension
  static final ServerFixture SERVER = ServerFixture.own("--escrowmq.transactions.check-max=1");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aHalfMessageIsAskedAboutAgain() throws Exception {
    String topic = clients.topic(1);
    Inbox inbox = clients.inbox(topic);
    AtomicReference<LocalTransactionState> known =
        new AtomicReference<>(LocalTransactionState.UNKNOW);
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<String> id = new AtomicReference<>();
    TransactionMQProducer producer =
        clients.transactionProducer(
            clients.name("given-up"),
            new TransactionListener() {
              @Override
              public LocalTransactionState executeLocalTransaction(Message half, Object argument) {
                return LocalTransactionState.UNKNOW;
              }

              @Override
              public LocalTransactionState checkLocalTransaction(MessageExt half) {
                // The id that has the server's number in it; a send in a transaction does not say
                // it.
                id.set(half.getMsgId());
                asked.incrementAndGet();
                return known.get();
              }
            });
    producer.sendMessageInTransaction(message(topic, "late"), null);
    await().atMost(Inbox.PATIENCE).until(() -> id.get() != null);
    DefaultMQAdminExt api = new DefaultMQAdminExt(20_000);
    api.setNamesrvAddr(SERVER.nameServer());
    api.setInstanceName(clients.name("admin"));
    api.start();
    try {
      await().atMost(Inbox.PATIENCE).until(() -> resumes(api, topic, id.get()));
      int before = asked.get();
      assertThat(before).isPositive();
      known.set(LocalTransactionState.COMMIT_MESSAGE);
      await()
          .atMost(Inbox.PATIENCE)
          .until(() -> {
            resumes(api, topic, id.get());
            return inbox.bodies().equals(List.of("late"));
          });
      assertThat(asked.get()).isGreaterThan(before);
      assertThat(resumes(api, topic, id.get())).as("decided").isFalse();
    } finally {
      api.shutdown();
    }
  }

  /** The API first looks at the message, and fails in one of two ways if it is not parked. */
  private static boolean resumes(DefaultMQAdminExt api, String topic, String id) throws Exception {
    try {
      return api.resumeCheckHalfMessage(topic, id);
    } catch (MQClientException | NullPointerException e) {
      return false;
    }
  }
}
