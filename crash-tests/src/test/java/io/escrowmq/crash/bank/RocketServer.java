package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.Evidence.Decided;
import io.escrowmq.dev.rocketmq.DevRocketMq;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.rocketmq.common.MQVersion;

/**
 * Apache RocketMQ of the client's version as child processes, for comparison. The broker is what is
 * killed and stands still; its name server lives on, and keeps nothing that matters here.
 */
final class RocketServer implements TestedServer {

  private static final String BROKER = "broker-a";

  /**
   * As durable as one broker can be, and it asks as often and as long as {@link EscrowServer} is
   * told to. Its first question comes after 6 s, as it does by default: it notes every 3 s what was
   * decided, and a question that comes before the note makes a second copy. All else is as it
   * comes, except for small files.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "flushDiskType", "SYNC_FLUSH",
          "transactionTimeOut", "6000",
          "transactionCheckInterval", "2000",
          "transactionCheckMax", "100000");

  private final DevRocketMq cluster;

  /** Starts one in a new folder below this one. */
  RocketServer(Path directory) {
    cluster = DevRocketMq.start(directory.resolve("rocketmq"), List.of(BROKER), SETTINGS);
  }

  @Override
  public String title() {
    return "RocketMQ " + MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION) + ", SYNC_FLUSH";
  }

  @Override
  public String nameServer() {
    return cluster.nameServer();
  }

  @Override
  public void killAndRestart() {
    cluster.kill(BROKER);
    cluster.restart(BROKER);
  }

  @Override
  public void pause() {
    Signals.send("STOP", cluster.pid(BROKER));
  }

  @Override
  public void resume() {
    Signals.send("CONT", cluster.pid(BROKER));
  }

  @Override
  public boolean hasRegister() {
    return false;
  }

  @Override
  public Optional<Boolean> isHeld(String txId) {
    return Optional.empty();
  }

  @Override
  public Optional<List<String>> undecided() {
    return Optional.empty();
  }

  @Override
  public Optional<List<Decided>> decided() {
    return Optional.empty();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
