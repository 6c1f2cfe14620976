package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.ServerPush.Reply;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RepliesTest {

  private final BrokerFixture fixture = BrokerFixture.withDefaults();
  private final FakeConnection asker = new FakeConnection("asker");

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void passesAnAnswerToWhoAsked() {
    fixture.broker.groups().heartbeat(asker, BrokerFixture.producer("client@1", "askers"));
    SendReceipt receipt = reply("client@1");
    assertThat(receipt.queue()).isZero();
    Reply push = asker.pushes(Reply.class).getFirst();
    assertThat(push.producerGroup()).isEqualTo("answerers");
    Message message = push.message();
    assertThat(message.topic()).isEqualTo("DefaultCluster_REPLY_TOPIC");
    assertThat(SampleMessages.textOf(message)).isEqualTo("42");
    assertThat(message.property("CORRELATION_ID")).contains("c-1");
    assertThat(message.property("PUSH_REPLY_TIME")).contains("" + fixture.time.nowMs());
    assertThat(message.storeTimeMs()).isEqualTo(fixture.time.nowMs());
    assertThat(message.bornHost()).isEqualTo(Requests.PRODUCER_HOST);
  }

  @Test
  void saysWhenNobodyWaits() {
    assertThat(BrokerFixture.codeOf(() -> reply("client@1")))
        .isEqualTo(ErrorCode.CONSUMER_NOT_ONLINE);
    fixture.broker.groups().heartbeat(asker, BrokerFixture.producer("client@1", "askers"));
    asker.fill();
    assertThat(BrokerFixture.codeOf(() -> reply("client@1")))
        .isEqualTo(ErrorCode.CONSUMER_NOT_ONLINE);
    fixture.broker.groups().connectionClosed(asker);
    assertThat(BrokerFixture.codeOf(() -> reply("client@1")))
        .isEqualTo(ErrorCode.CONSUMER_NOT_ONLINE);
  }

  @Test
  void refusesAnswersToNobody() {
    assertThat(
            BrokerFixture.codeOf(
                () -> BrokerFixture.get(fixture.broker.sending().reply(Requests.to("r").build()))))
        .isEqualTo(ErrorCode.MESSAGE_ILLEGAL);
  }

  private SendReceipt reply(String client) {
    return BrokerFixture.get(
        fixture
            .broker
            .sending()
            .reply(
                Requests.to("DefaultCluster_REPLY_TOPIC")
                    .group("answerers")
                    .property("REPLY_TO_CLIENT", client)
                    .property("CORRELATION_ID", "c-1")
                    .body("42")
                    .build()));
  }
}
