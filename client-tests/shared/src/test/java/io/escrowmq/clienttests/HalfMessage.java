package io.escrowmq.clienttests;

import java.util.Map;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/**
 * A half message sent step by step: the transactional producer hides the steps, these tests need
 * them.
 */
final class HalfMessage {
  private final DefaultMQProducer producer;
  private final String group;
  private final String topic;
  private final SendResult result;

  private HalfMessage(DefaultMQProducer producer, String group, String topic, SendResult result) {
    this.producer = producer;
    this.group = group;
    this.topic = topic;
    this.result = result;
  }

  /** Sends the half message and leaves it undecided. */
  static HalfMessage send(DefaultMQProducer producer, Message message) throws Exception {
    String group = producer.getProducerGroup();
    MessageAccessor.putProperty(message, "TRAN_MSG", "true");
    MessageAccessor.putProperty(message, "PGROUP", group);
    return new HalfMessage(producer, group, message.getTopic(), producer.send(message));
  }

  SendResult result() {
    return result;
  }

  /**
   * Sends END for this message, as the client would, and waits for the answer, which the client
   * would not.
   */
  RemotingCommand end(int decision) throws Exception {
    return end(group, decision, 0);
  }

  /** The same in the name of another producer group. */
  RemotingCommand endAs(String anotherGroup, int decision) throws Exception {
    return end(anotherGroup, decision, 0);
  }

  /** Sends END for a message whose address is so many bytes off: one that never was. */
  RemotingCommand end(int decision, long offBy) throws Exception {
    return end(group, decision, offBy);
  }

  private RemotingCommand end(String producerGroup, int decision, long offBy) throws Exception {
    long address = MessageDecoder.decodeMessageId(result.getOffsetMsgId()).getOffset();
    return Remoting.toBrokerOf(topic, producer)
        .call(
            Remoting.END_TRANSACTION,
            Map.of(
                "producerGroup",
                producerGroup,
                "topic",
                topic,
                "tranStateTableOffset",
                result.getQueueOffset() + offBy,
                "commitLogOffset",
                address + offBy,
                "commitOrRollback",
                decision,
                "fromTransactionCheck",
                false,
                "msgId",
                result.getMsgId(),
                "transactionId",
                result.getTransactionId()));
  }
}
