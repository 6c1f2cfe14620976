package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.Operations.Rate;
import io.escrowmq.spi.storage.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Figures and configuration of a broker under the names that RocketMQ's tools read. Names of
 * RocketMQ's inner parts that have no counterpart here (thread pool queues, dispatch, timers) say
 * 0: the tools fail where they are missing.
 */
final class BrokerTools {
  private static final Rate NONE = new Rate(0, 0, 0);

  private final BrokerServices services;
  private final TimeSource time;

  BrokerTools(BrokerServices services, TimeSource time) {
    this.services = services;
    this.time = time;
  }

  /** Answer to request 28. */
  Answer runtime() {
    Operations operations = services.operations();
    Map<String, Long> figures = operations.statistics();
    Map<String, Rate> rates = operations.rates();
    long nowMs = time.nowMs();
    Map<String, String> table = new TreeMap<>();
    put(table, "brokerVersion", RemotingCommand.SERVER_VERSION);
    table.put("brokerVersionDesc", "EscrowMQ");
    put(table, "bootTimestamp", operations.startedAtMs());
    put(table, "startAcceptSendRequestTimeStamp", operations.startedAtMs());
    table.put("runtime", runtime(Duration.ofMillis(nowMs - operations.startedAtMs())));
    table.put("brokerActive", "true");
    Rate sent = rates.getOrDefault("sent-messages-total", NONE);
    Rate pulled = rates.getOrDefault("pulled-messages-total", NONE);
    table.put("putTps", text(sent));
    for (String name :
        new String[] {"getTotalTps", "getFoundTps", "getTransferredTps", "getTransferedTps"}) {
      table.put(name, text(pulled));
    }
    table.put("getMissTps", text(NONE));
    long sentTotal = figures.getOrDefault("sent-messages-total", 0L);
    put(table, "msgPutTotalTodayNow", sentTotal);
    put(table, "msgGetTotalTodayNow", figures.getOrDefault("pulled-messages-total", 0L));
    put(
        table,
        "putMessageAverageSize",
        sentTotal == 0 ? 0 : figures.getOrDefault("sent-bytes-total", 0L) / sentTotal);
    nothing(table);
    return Answer.success(NameServerTools.table(table));
  }

  private static void nothing(Map<String, String> table) {
    for (String name :
        new String[] {
          "msgPutTotalYesterdayMorning",
          "msgPutTotalTodayMorning",
          "msgGetTotalYesterdayMorning",
          "msgGetTotalTodayMorning",
          "sendThreadPoolQueueSize",
          "sendThreadPoolQueueCapacity",
          "sendThreadPoolQueueHeadWaitTimeMills",
          "pullThreadPoolQueueSize",
          "pullThreadPoolQueueCapacity",
          "pullThreadPoolQueueHeadWaitTimeMills",
          "queryThreadPoolQueueSize",
          "queryThreadPoolQueueCapacity",
          "queryThreadPoolQueueHeadWaitTimeMills",
          "EndTransactionQueueSize",
          "EndTransactionThreadPoolQueueCapacity",
          "pageCacheLockTimeMills",
          "earliestMessageTimeStamp",
          "commitLogMinOffset",
          "commitLogMaxOffset",
          "dispatchBehindBytes",
          "timerReadBehind",
          "timerOffsetBehind",
          "timerCongestNum"
        }) {
      table.putIfAbsent(name, "0");
    }
    for (String name :
        new String[] {
          "commitLogDiskRatio", "consumeQueueDiskRatio", "timerEnqueueTps", "timerDequeueTps"
        }) {
      table.putIfAbsent(name, "0.0");
    }
  }

  /** Answer to request 26: what a tool needs to know, never a secret. */
  Answer config() {
    BrokerIdentity broker = services.identity();
    String text =
        "brokerClusterName="
            + broker.cluster()
            + "\n"
            + "brokerName="
            + broker.name()
            + "\n"
            + "brokerId=0\n"
            + "brokerIP1="
            + broker.address().getAddress().getHostAddress()
            + "\n"
            + "listenPort="
            + broker.address().getPort()
            + "\n";
    return Answer.success(
        Map.of("version", "{\"counter\":0,\"stateVersion\":0,\"timestamp\":0}"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** Answer to requests 25 and 318. */
  static Answer unchangeable() {
    return Answer.refusal(
        ResponseCodes.NO_PERMISSION,
        "the configuration of this server is not changed while it runs: change its settings"
            + " (escrowmq.*) and restart it");
  }

  private static void put(Map<String, String> table, String name, long value) {
    table.put(name, Long.toString(value));
  }

  /** Three numbers between blanks: 10 s, 1 min, 10 min. */
  private static String text(Rate rate) {
    return String.format(
        Locale.ROOT, "%.2f %.2f %.2f", rate.tenSeconds(), rate.minute(), rate.tenMinutes());
  }

  private static String runtime(Duration up) {
    return String.format(
        Locale.ROOT,
        "[ %d days, %d hours, %d minutes, %d seconds ]",
        up.toDays(),
        up.toHoursPart(),
        up.toMinutesPart(),
        up.toSecondsPart());
  }
}
