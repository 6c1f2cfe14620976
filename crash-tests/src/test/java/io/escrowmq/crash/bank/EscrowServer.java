package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.BranchSettings.Side;
import io.escrowmq.crash.bank.Evidence.Decided;
import io.escrowmq.server.process.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** EscrowMQ as a child process. */
final class EscrowServer implements TestedServer {

  private static final Pattern KEY = Pattern.compile("\"key\":\"([^\"]*)\"");
  private static final Pattern UNDECIDED = Pattern.compile("\"state\":\"(HELD|PARKED)\"");

  private final String title;
  private final ServerProcess process;
  private final Optional<RoughNetwork> network;

  /**
   * Starts one.
   *
   * @param storage the settings that choose its storage engine, the engine's name first
   * @param rough whether its clients reach it through a {@link RoughNetwork}
   */
  EscrowServer(Path directory, List<String> storage, boolean rough) {
    title = "EscrowMQ on " + storage.getFirst().replaceFirst(".*=", "");
    process =
        ServerProcess.start(
            directory.resolve("server"),
            Stream.concat(
                    storage.stream(),
                    Stream.of(
                        "--escrowmq.bind-address=" + RoughNetwork.SERVER,
                        "--escrowmq.advertised-address="
                            + (rough ? RoughNetwork.HOST : RoughNetwork.SERVER),
                        "--escrowmq.transactions.check-first=2s",
                        "--escrowmq.transactions.check-interval=2s",
                        "--escrowmq.transactions.check-max=100000"))
                .toArray(String[]::new));
    network = rough ? Optional.of(network(process)) : Optional.empty();
  }

  private static RoughNetwork network(ServerProcess process) {
    RoughNetwork network = new RoughNetwork();
    network.lead(port(process.nameServer()));
    network.lead(port(process.remoting()));
    return network;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }

  /**
   * Breaks it, with a rule that its manual calls unsafe: whoever does not answer two questions is
   * rolled back.
   */
  void guess() {
    for (Side side : Side.values()) {
      String answer =
          process.ask(
              "PUT",
              "/api/v1/transactions/rules/groups/" + side.senders(),
              """
              {"limit":1,"onGiveUp":"rollback","operator":"saboteur@campaign"}\
              """);
      if (!answer.contains("rollback")) {
        throw new IllegalStateException("the server does not let itself be broken: " + answer);
      }
    }
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String nameServer() {
    return network.isPresent()
        ? RoughNetwork.HOST + ":" + port(process.nameServer())
        : process.nameServer();
  }

  @Override
  public Optional<RoughNetwork> network() {
    return network;
  }

  @Override
  public void killAndRestart() {
    process.kill();
    process.restart();
  }

  @Override
  public void pause() {
    process.pause();
  }

  @Override
  public void resume() {
    process.resume();
  }

  @Override
  public boolean hasRegister() {
    return true;
  }

  @Override
  public Optional<Boolean> isHeld(String txId) {
    String answer = process.get("/api/v1/transactions?key=" + txId);
    return answer.contains("\"transactions\":[")
        ? Optional.of(UNDECIDED.matcher(answer).find())
        : Optional.empty();
  }

  @Override
  public Optional<List<String>> undecided() {
    String answer = process.get("/api/v1/transactions");
    if (!answer.contains("\"transactions\":[")) {
      return Optional.empty();
    }
    List<String> keys = new ArrayList<>();
    Matcher matcher = KEY.matcher(answer);
    while (matcher.find()) {
      keys.add(matcher.group(1));
    }
    return Optional.of(keys);
  }

  @Override
  public Optional<List<Decided>> decided() {
    String csv = process.get("/api/v1/transactions/export?from=2000-01-01T00:00:00Z&format=csv");
    List<String> lines = csv.lines().toList();
    List<String> names = List.of(lines.getFirst().split(",", -1));
    int handle = names.indexOf("handle");
    if (handle < 0) {
      throw new IllegalStateException("the export of decisions says " + csv);
    }
    // The columns wanted come before those that may hold commas.
    return Optional.of(
        lines.stream()
            .skip(1)
            .map(line -> line.replace("\"", "").split(",", -1))
            .map(it ->
                new Decided(
                    it[handle],
                    it[names.indexOf("key")],
                    it[names.indexOf("decision")].equals("COMMIT"),
                    it[names.indexOf("by")],
                    it[names.indexOf("decidedAt")]))
            .toList());
  }

  @Override
  public void close() {
    network.ifPresent(RoughNetwork::close);
    process.close();
  }
}
