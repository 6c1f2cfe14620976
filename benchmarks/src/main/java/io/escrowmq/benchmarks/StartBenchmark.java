package io.escrowmq.benchmarks;

import io.escrowmq.server.process.ServerProcess;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/** How long a server takes from its start to its first accepted message. */
final class StartBenchmark {

  private static final int BODY_BYTES = 64 * 1024;
  private static final int BATCH = 32;

  private final Path directory;
  private final int logGigabytes;
  private final PrintStream out;

  StartBenchmark(Path directory, int logGigabytes, PrintStream out) {
    this.directory = directory;
    this.logGigabytes = logGigabytes;
    this.out = out;
  }

  void run() throws Exception {
    Path jar = Path.of(System.getProperty("escrowmq.server.jar"));
    List<String> options = new ArrayList<>(ServerFlags.broker());
    Path cache = Path.of(jar.toString().replaceFirst("[.]jar$", ".aot"));
    if (Files.exists(cache)) {
      options.add("-XX:AOTCache=" + cache);
    }
    out.printf(
        "%nserver start to first accepted message, %s class cache%n",
        Files.exists(cache) ? "with" : "without");
    long begin = System.nanoTime();
    try (ServerProcess server =
        ServerProcess.start(
            jar, directory.resolve("start-" + System.nanoTime()), options, List.of())) {
      report("empty directory", begin, server);
      fill(server);
      server.kill();
      begin = System.nanoTime();
      server.restart();
      report("after SIGKILL with %d GB of log".formatted(logGigabytes), begin, server);
    }
  }

  private void report(String name, long begin, ServerProcess server) throws Exception {
    double ready = (System.nanoTime() - begin) / 1e9;
    DefaultMQProducer producer = producer(server);
    while (!accepted(producer)) {
      Thread.onSpinWait();
    }
    double accepted = (System.nanoTime() - begin) / 1e9;
    producer.shutdown();
    out.printf(
        "%-36s ready after %.2f s, first message accepted after %.2f s (client start included)%n",
        name, ready, accepted);
  }

  private static DefaultMQProducer producer(ServerProcess server) throws Exception {
    DefaultMQProducer producer = new DefaultMQProducer("start-producer");
    producer.setNamesrvAddr(server.nameServer());
    producer.setInstanceName("start-" + System.nanoTime());
    producer.start();
    return producer;
  }

  private static boolean accepted(DefaultMQProducer producer) {
    try {
      return producer.send(new Message("start", new byte[100])).getSendStatus()
          == SendStatus.SEND_OK;
    } catch (Exception e) {
      // Not accepted yet: the caller counts the time until it is.
      return false;
    }
  }

  private void fill(ServerProcess server) throws Exception {
    DefaultMQProducer producer = producer(server);
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      batch.add(new Message("fill", new byte[BODY_BYTES]));
    }
    long bytes = 0;
    while (bytes < logGigabytes * 1_000_000_000L) {
      producer.send(batch);
      bytes += (long) BATCH * BODY_BYTES;
    }
    producer.shutdown();
  }
}
