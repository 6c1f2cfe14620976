package io.escrowmq.dev.rocketmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Apache RocketMQ as child processes on loopback: a name server and brokers, small enough for a
 * test. Not thread-safe.
 */
public final class DevRocketMq implements AutoCloseable {

  /** Which RocketMQ. */
  public enum Release {
    /** The one that the other comparisons are made with: 5.5. */
    NEWEST("escrowmq.dev.rocketmq", "dev-rocketmq"),

    /** The last one of the old line: 4.9. */
    OLD_LINE("escrowmq.dev.rocketmq-4x", "dev-rocketmq-4x");

    private final String property;
    private final String module;

    Release(String property, String module) {
      this.property = property;
      this.module = module;
    }

    private Path jars() {
      Path jars = Path.of(System.getProperty(property, ""));
      if (!jars.isAbsolute() || !Files.isDirectory(jars)) {
        throw new IllegalStateException(
            "the system property "
                + property
                + " names '"
                + jars
                + "', which is no folder; package "
                + module
                + " first");
      }
      return jars;
    }
  }

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

  /** Small files, and a disk that is nearly full is none of a test's business. */
  private static final Map<String, String> SMALL =
      Map.of(
          "mappedFileSizeCommitLog", "16777216",
          "mappedFileSizeConsumeQueue", "600000",
          "maxHashSlotNum", "10000",
          "maxIndexNum", "40000",
          "diskMaxUsedSpaceRatio", "99",
          "waitTimeMillsInSendQueue", "5000",
          "fileReservedTime", "720");

  private final Path jars;
  private final Path home;
  private final Map<String, String> properties;
  private final SequencedMap<String, Child> children = new LinkedHashMap<>();
  private final int nameServerPort;

  private DevRocketMq(Path jars, Path home, Map<String, String> properties) {
    this.jars = jars;
    this.home = home;
    this.properties = Map.copyOf(properties);
    this.nameServerPort = freePort();
  }

  private record Child(Process process, List<String> command, int port) {}

  /**
   * Starts one with the jars that the system property {@code escrowmq.dev.rocketmq} names, and
   * waits until it accepts connections.
   *
   * @param home a folder of its own
   * @param brokers their names
   * @param settings of each broker, besides those that make it small
   */
  public static DevRocketMq start(Path home, List<String> brokers, Map<String, String> settings) {
    return start(Release.NEWEST, home, brokers, settings, Map.of());
  }

  /**
   * The same with another release.
   *
   * @param properties system properties of every process
   */
  public static DevRocketMq start(
      Release release,
      Path home,
      List<String> brokers,
      Map<String, String> settings,
      Map<String, String> properties) {
    DevRocketMq cluster = new DevRocketMq(release.jars(), home, properties);
    boolean complete = false;
    try {
      Files.createDirectories(home);
      cluster.startNameServer();
      for (String broker : brokers) {
        cluster.startBroker(broker, settings);
      }
      complete = true;
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while RocketMQ started", e);
    } finally {
      if (!complete) {
        cluster.close();
      }
    }
  }

  /** What clients are configured with. */
  public String nameServer() {
    return "127.0.0.1:" + nameServerPort;
  }

  /** Process id of a broker. */
  public long pid(String broker) {
    return child(broker).process().pid();
  }

  /** Kills a broker with SIGKILL; returns when it is gone. */
  public void kill(String broker) {
    try {
      end(child(broker));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while RocketMQ was killed", e);
    }
  }

  /** Starts a killed broker on its files and port, and waits until it accepts connections. */
  public void restart(String broker) {
    Child old = child(broker);
    try {
      launch(broker, old.command(), old.port());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while RocketMQ started", e);
    }
  }

  private Child child(String broker) {
    Child child = children.get(broker);
    if (child == null) {
      throw new IllegalArgumentException(broker + " is none of " + children.keySet());
    }
    return child;
  }

  private void startNameServer() throws IOException, InterruptedException {
    Path configuration = home.resolve("namesrv.properties");
    Files.writeString(configuration, "listenPort=" + nameServerPort + "\n");
    String main = "org.apache.rocketmq.namesrv.NamesrvStartup";
    launch("namesrv", command(main, "namesrv", "-Xmx128m", configuration), nameServerPort);
  }

  private void startBroker(String name, Map<String, String> settings)
      throws IOException, InterruptedException {
    int port = freePort();
    Path store = home.resolve("store-" + name);
    Map<String, String> all = new LinkedHashMap<>(SMALL);
    all.put("listenPort", Integer.toString(port));
    all.put("haListenPort", Integer.toString(freePort()));
    all.put("brokerIP1", "127.0.0.1");
    all.put("brokerName", name);
    all.put("namesrvAddr", nameServer());
    all.put("storePathRootDir", store.toString());
    all.put("storePathCommitLog", store.resolve("commitlog").toString());
    all.putAll(settings);
    Path configuration = home.resolve(name + ".properties");
    Files.writeString(
        configuration,
        all.entrySet().stream()
            .map(it -> it.getKey() + "=" + it.getValue() + "\n")
            .collect(Collectors.joining()));
    String main = "org.apache.rocketmq.broker.BrokerStartup";
    launch(name, command(main, name, "-Xmx384m", configuration), port);
  }

  private List<String> command(String mainClass, String name, String heap, Path configuration)
      throws IOException {
    Path own = Files.createDirectories(home.resolve("home-" + name));
    // Those of the old line do not start without.
    Path conf = Files.createDirectories(own.resolve("conf"));
    for (String role : List.of("namesrv", "broker")) {
      Files.writeString(conf.resolve("logback_" + role + ".xml"), "<configuration/>");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ACCESS);
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(
        List.of(
            heap,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Drocketmq.home.dir=" + own,
            "-Drocketmq.log.root=" + own.resolve("logs"),
            "-Duser.home=" + own,
            "-cp",
            jars + "/*",
            mainClass,
            "-c",
            configuration.toString()));
    return command;
  }

  private void launch(String name, List<String> command, int port)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(home.resolve(name + ".log").toFile()))
            .directory(home.toFile())
            .start();
    children.put(name, new Child(process, command, port));
    awaitPort(process, port);
  }

  private void awaitPort(Process process, int port) throws InterruptedException {
    long deadline = System.nanoTime() + START_DEADLINE.toNanos();
    while (!accepts(port)) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
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

  private static void end(Child child) throws InterruptedException {
    child.process().destroyForcibly();
    child.process().waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the processes: nobody needs what they hold. */
  @Override
  public void close() {
    try {
      for (Child child : children.sequencedValues().reversed()) {
        end(child);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
