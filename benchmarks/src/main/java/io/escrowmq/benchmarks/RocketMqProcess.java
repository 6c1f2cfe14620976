package io.escrowmq.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Apache RocketMQ as child processes, to be measured beside us: a name server and one broker, from
 * a folder that holds the jars of {@code rocketmq-namesrv} and {@code rocketmq-broker}. Not
 * thread-safe.
 */
final class RocketMqProcess implements AutoCloseable {

  private static final Duration START_DEADLINE = Duration.ofSeconds(90);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

  /** What its start script opens, as far as a JDK 17 or newer wants it. */
  private static final List<String> ACCESS =
      List.of(
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  private final Path jars;
  private final Path home;
  private final List<Process> processes = new ArrayList<>();
  private final int nameServerPort;

  /**
   * Starts it and waits until both accept connections.
   *
   * @param synced true: a send is acknowledged after its flush (SYNC_FLUSH), else before it
   *     (ASYNC_FLUSH, its default). All else is its default too, except that it queues a send for
   *     up to 5 s, as we do, where it would refuse it after 200 ms, and that it has our JVM flags.
   */
  RocketMqProcess(Path jars, Path home, boolean synced) throws Exception {
    this.jars = jars;
    this.home = Files.createDirectories(home);
    this.nameServerPort = freePort();
    Path nameServer = home.resolve("namesrv.properties");
    Files.writeString(nameServer, "listenPort=" + nameServerPort + "\n");
    start("org.apache.rocketmq.namesrv.NamesrvStartup", List.of("-Xmx256m"), nameServer);
    awaitPort(nameServerPort);
    int port = freePort();
    Path broker = home.resolve("broker.properties");
    Files.writeString(
        broker,
        String.format(
            Locale.ROOT,
            """
            listenPort=%d
            brokerIP1=127.0.0.1
            brokerName=bench
            namesrvAddr=%s
            flushDiskType=%s
            autoCreateTopicEnable=true
            waitTimeMillsInSendQueue=5000
            storePathRootDir=%s
            storePathCommitLog=%s
            """,
            port,
            nameServer(),
            synced ? "SYNC_FLUSH" : "ASYNC_FLUSH",
            home.resolve("store"),
            home.resolve("store/commitlog")));
    start("org.apache.rocketmq.broker.BrokerStartup", ServerFlags.broker(), broker);
    awaitPort(port);
  }

  /** What clients are configured with. */
  String nameServer() {
    return "127.0.0.1:" + nameServerPort;
  }

  /** CPU time that the broker has used so far. */
  Duration cpuTime() {
    return processes.getLast().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    try {
      for (Process process : processes.reversed()) {
        process.destroy();
        if (!process.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      }
    } catch (InterruptedException e) {
      processes.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }

  private void start(String mainClass, List<String> flags, Path configuration) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ACCESS);
    command.addAll(flags);
    command.add("-Drocketmq.home.dir=" + home);
    command.add("-Duser.home=" + home);
    command.addAll(List.of("-cp", jars + "/*", mainClass, "-c", configuration.toString()));
    Path log = home.resolve(mainClass.substring(mainClass.lastIndexOf('.') + 1) + ".log");
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .directory(home.toFile())
            .start());
  }

  private void awaitPort(int port) throws InterruptedException {
    long deadline = System.nanoTime() + START_DEADLINE.toNanos();
    while (!accepts(port)) {
      if (processes.getLast().waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        close();
        throw new IllegalStateException("RocketMQ did not start; its logs are in " + home);
      }
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException e) {
      // Not there yet: the caller tries again until its deadline.
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
