package io.escrowmq.clienttests;

import static io.escrowmq.clienttests.SendTest.message;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker is taken out of the routes of senders: it must have no other tests beside it. */
@Tag("escrowmq-only")
final class MqAdminDrainTest {
  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own("--escrowmq.cluster.more-broker-names=second");

  @RegisterExtension final TestClients clients = new TestClients(SERVER);

  @Test
  void aBrokerIsDrainedOfSenders() throws Exception {
    String topic = clients.topic(2);
    try (MqAdmin admin = new MqAdmin(SERVER.nameServer())) {
      assertThat(admin.run("wipeWritePerm", "-b", "second")).containsPattern("OK, [1-9]");
      assertThat(admin.run("topicRoute", "-t", topic))
          .containsPattern("\"brokerName\":\"escrowmq\"[^}]*\"perm\":6")
          .containsPattern("\"brokerName\":\"second\"[^}]*\"perm\":4");
      DefaultMQProducer producer = clients.start(new DefaultMQProducer(clients.name("late")));
      for (int i = 0; i < 8; i++) {
        assertThat(producer.send(message(topic, "m")).getMessageQueue().getBrokerName())
            .isEqualTo("escrowmq");
      }
      assertThat(admin.run("addWritePerm", "-b", "second")).containsPattern("OK, [1-9]");
      assertThat(admin.run("topicRoute", "-t", topic)).doesNotContain("\"perm\":4");
      assertThat(admin.run("wipeWritePerm", "-b", "another")).contains("OK, 0");
    }
  }
}
