package io.escrowmq.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Entry point of {@code ./mq bench}. */
public final class Bench {

  private static final String USAGE =
      """
      usage: ./mq bench <what> [--dir DIR] [--seconds N] [--address HOST:PORT] [--log-gb N]

        engine   an engine alone, against the raw disk, RocksDB or database in the same run
        client   sends, transactional sends and drain through the official client
        transactions  transactional sends in turns with plain ones, and both with RocketMQ's if it is there
        delay    how late delayed messages arrive at the official client while many more wait
        enqueue  transfers in PostgreSQL with and without an enqueued message, and how soon a client has it
        soak     the jdbc engine for --minutes N while a session stays idle in a transaction, figures per minute
        start    server start to first accepted message, fresh and after SIGKILL with a filled log
        all      engine, client and start

        --dir DIR            where files are written (default ./target/bench); measure the disk you will use
        --seconds N          length of each measurement (default 8)
        --address HOST:PORT  client, delay: measure a server that is running already (any RocketMQ name server)
        --storage TYPE       engine, transactions, delay: commitlog (default), rocksdb or jdbc
        --minutes N          soak: how long (default 30)
        --idle-transaction   soak: yes (default) or no
        --jdbc-url URL       engine: the PostgreSQL or MariaDB to measure, soak: the PostgreSQL (default: a throw-away one); keeps tables in its schema
        --pending N          delay: messages that wait for hours meanwhile (default 1000000)
        --rate N             delay: messages due a second (default 10000)
        --turns N            transactions: how often each is measured (default 5)
        --threads N,M        transactions: how many threads send (default 16,64)
        --rocketmq DIR       client, transactions, delay: then measure Apache RocketMQ too; DIR holds the jars of its name server and broker
        --log-gb N           start: size of the log before the SIGKILL (default 10)
        --durability LEVEL   client, transactions, delay: durable (default) or written
      """;

  private Bench() {}

  /** Runs the named benchmark; exits with 2 if the call is wrong. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new HashMap<>();
    if (arguments.length == 0 || !parse(arguments, options)) {
      System.err.print(USAGE);
      System.exit(arguments.length > 0 && arguments[0].contains("help") ? 0 : 2);
    }
    Path directory = Path.of(options.getOrDefault("dir", "target/bench")).toAbsolutePath();
    Duration length = Duration.ofSeconds(Integer.parseInt(options.getOrDefault("seconds", "8")));
    Machine.describe(System.out, directory);
    for (String what :
        arguments[0].equals("all") ? List.of("engine", "client", "start") : List.of(arguments[0])) {
      switch (what) {
        case "engine" -> engine(directory, length, options);
        case "soak" -> new JdbcSoak(directory, options, System.out).run();
        case "enqueue" -> new EnqueueBenchmark(directory, length, System.out).run();
        case "client" -> new ClientBenchmark(directory, length, options, System.out).run();
        case "transactions" ->
            new TransactionBenchmark(directory, length, options, System.out).run();
        case "delay" -> new DelayBenchmark(directory, length, options, System.out).run();
        case "start" ->
            new StartBenchmark(
                    directory, Integer.parseInt(options.getOrDefault("log-gb", "10")), System.out)
                .run();
        default -> {
          System.err.print(USAGE);
          System.exit(2);
        }
      }
    }
    // The official client leaves threads behind that keep a JVM alive.
    System.exit(0);
  }

  private static void engine(Path directory, Duration length, Map<String, String> options)
      throws Exception {
    switch (options.getOrDefault("storage", "commitlog")) {
      case "commitlog" -> new CommitLogBenchmark(directory, length, System.out).run();
      case "rocksdb" -> new RocksDbBenchmark(directory, length, System.out).run();
      case "jdbc" -> new JdbcBenchmark(directory, length, options, System.out).run();
      default -> {
        System.err.print(USAGE);
        System.exit(2);
      }
    }
  }

  private static boolean parse(String[] arguments, Map<String, String> options) {
    for (int i = 1; i < arguments.length; i += 2) {
      if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
        return false;
      }
      options.put(arguments[i].substring(2), arguments[i + 1]);
    }
    return List.of("engine", "enqueue", "soak", "client", "transactions", "delay", "start", "all")
        .contains(arguments[0]);
  }
}
