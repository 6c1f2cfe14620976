package io.escrowmq.crash.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.header.EndTransactionRequestHeader;

/**
 * A producer that sends both decisions of its transactions, one after the other, and asks for an
 * answer each time: whatever was acknowledged first must be what stays. Safe for use by many
 * threads.
 */
final class Liar implements AutoCloseable {

  private static final long TIMEOUT_MS = 3000;

  private final TransactionMQProducer producer = new TransactionMQProducer("bank-liars");
  private final Path lies;

  Liar(BranchSettings settings) {
    lies = settings.files().resolve(settings.name() + "-" + settings.incarnation() + ".lies");
    producer.setNamesrvAddr(settings.nameServer());
    producer.setInstanceName("liar-" + settings.name() + "-" + settings.incarnation());
    producer.setHeartbeatBrokerInterval(2000);
    producer.setPollNameServerInterval(2000);
    // One half message for each key: a repeated one would have a life of its own.
    producer.setRetryTimesWhenSendFailed(0);
    producer.setTopics(List.of(BranchSettings.LIES));
    producer.setTransactionListener(new Undecided());
  }

  void start() throws MQClientException {
    producer.start();
  }

  /** One transaction: a decision, the other one, the first one again. */
  void lie(String key, boolean commitFirst) throws InterruptedException {
    try {
      Message message = new Message(BranchSettings.LIES, "lie", key, key.getBytes(UTF_8));
      // What the client does for a half message; its own call hides the handle.
      MessageAccessor.putProperty(message, MessageConst.PROPERTY_TRANSACTION_PREPARED, "true");
      MessageAccessor.putProperty(
          message, MessageConst.PROPERTY_PRODUCER_GROUP, producer.getProducerGroup());
      SendResult result = producer.send(message);
      String id = result.getMsgId();
      for (boolean commit : new boolean[] {commitFirst, !commitFirst, commitFirst}) {
        note(id, key, commit, end(result, commit).getCode());
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      // Expected while the server is down: what was not acknowledged is not noted.
      System.out.println(key + ": " + e);
    }
  }

  @SuppressWarnings("deprecation") // The client has no other way to a decision with an answer.
  private RemotingCommand end(SendResult result, boolean commit) throws Exception {
    EndTransactionRequestHeader header = new EndTransactionRequestHeader();
    header.setTopic(BranchSettings.LIES);
    header.setProducerGroup(producer.getProducerGroup());
    header.setTransactionId(result.getTransactionId());
    header.setMsgId(result.getMsgId());
    header.setTranStateTableOffset(result.getQueueOffset());
    header.setCommitLogOffset(MessageDecoder.decodeMessageId(result.getOffsetMsgId()).getOffset());
    header.setCommitOrRollback(
        commit ? MessageSysFlag.TRANSACTION_COMMIT_TYPE : MessageSysFlag.TRANSACTION_ROLLBACK_TYPE);
    var client = producer.getDefaultMQProducerImpl().getMqClientFactory();
    String address = client.findBrokerAddressInPublish(result.getMessageQueue().getBrokerName());
    return client
        .getMQClientAPIImpl()
        .getRemotingClient()
        .invokeSync(
            address,
            RemotingCommand.createRequestCommand(RequestCode.END_TRANSACTION, header),
            TIMEOUT_MS);
  }

  private synchronized void note(String id, String key, boolean commit, int code)
      throws IOException {
    Files.writeString(
        lies,
        id + " " + key + " " + commit + " " + code + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  @Override
  public void close() {
    producer.shutdown();
  }

  /** Says nothing at first; when asked, whatever its key tells. */
  private static final class Undecided implements TransactionListener {

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
      return LocalTransactionState.UNKNOW;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      return (message.getKeys().hashCode() & 1) == 0
          ? LocalTransactionState.COMMIT_MESSAGE
          : LocalTransactionState.ROLLBACK_MESSAGE;
    }
  }
}
