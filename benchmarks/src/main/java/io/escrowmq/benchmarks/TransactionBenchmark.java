package io.escrowmq.benchmarks;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Transactional sends beside plain ones, and beside Apache RocketMQ's, through the official client.
 * Both servers run all the time and everything is measured in turns, so that a machine that becomes
 * slower or faster meanwhile changes all figures alike; the ratios are medians over the turns.
 */
final class TransactionBenchmark {

  private static final int WARM_UP_TURNS = 3;

  private final Contenders contenders;
  private final ClientLoad load;
  private final int turns;
  private final List<Integer> threads;
  private final PrintStream out;

  TransactionBenchmark(
      Path directory, Duration length, Map<String, String> options, PrintStream out) {
    this.contenders = new Contenders(directory, options);
    this.load = new ClientLoad(length);
    this.turns = Integer.parseInt(options.getOrDefault("turns", "5"));
    this.threads =
        Stream.of(options.getOrDefault("threads", "16,64").split(","))
            .map(Integer::valueOf)
            .toList();
    this.out = out;
  }

  void run() throws Exception {
    contenders.compare((ours, rocketMq) -> {
      try (Contender first = new Contender(ours)) {
        if (rocketMq.isEmpty()) {
          measure(List.of(first));
        } else {
          try (Contender second = new Contender(rocketMq.get())) {
            measure(List.of(first, second));
          }
        }
      }
    });
  }

  private void measure(List<Contender> all) throws Exception {
    for (int count : threads) {
      out.printf("%n%d threads, %d turns of %d s%n", count, turns, load.length().toSeconds());
      List<Series> plain = new ArrayList<>();
      List<Series> transactional = new ArrayList<>();
      for (Contender contender : all) {
        plain.add(new Series("plain, ", contender, contender::send));
        transactional.add(new Series("transactional, ", contender, contender::sendInTransaction));
      }
      for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
        for (int i = 0; i < all.size(); i++) {
          plain.get(i).turn(load, count, turn >= 0);
          transactional.get(i).turn(load, count, turn >= 0);
        }
      }
      for (int i = 0; i < all.size(); i++) {
        out.println(plain.get(i));
        out.println(transactional.get(i));
      }
      for (int i = 0; i < all.size(); i++) {
        ratio(transactional.get(i), plain.get(i), i == 0 ? " (target 0.55)" : "");
      }
      if (all.size() > 1) {
        ratio(plain.getFirst(), plain.getLast(), "");
        ratio(transactional.getFirst(), transactional.getLast(), " (target 1.5)");
      }
    }
  }

  private void ratio(Series one, Series other, String target) {
    out.printf(
        "%.2f times: %s, over %s%s%n",
        one.taken.medianRatio(other.taken), one.name, other.name, target);
  }

  /** A server with its producers. */
  private static final class Contender implements AutoCloseable {

    private final Target target;
    private final OfficialProducers producers;
    private final String topic = "bench-" + System.nanoTime();

    Contender(Target target) throws Exception {
      this.target = target;
      this.producers = new OfficialProducers(target);
      producers.awaitFirst(topic);
    }

    int send() throws Exception {
      return producers.send(topic);
    }

    int sendInTransaction() throws Exception {
      return producers.sendInTransaction(topic + "-tx");
    }

    @Override
    public void close() {
      producers.close();
    }
  }

  /** The turns of one kind of send on one server. */
  private static final class Series {

    private final String name;
    private final Target target;
    private final ClientLoad.Operation operation;
    private final Turns taken = new Turns();
    private final List<String> rates = new ArrayList<>();
    private Duration cpu = Duration.ZERO;

    Series(String kind, Contender contender, ClientLoad.Operation operation) {
      this.name = kind + contender.target.name();
      this.target = contender.target;
      this.operation = operation;
    }

    void turn(ClientLoad load, int threads, boolean counts) throws Exception {
      Duration before = target.cpu().get();
      Measurement measured = load.measure(threads, operation);
      Duration used = target.cpu().get().minus(before);
      rates.add("%s%,.0f".formatted(counts ? "" : "warm-up ", measured.perSecond()));
      if (counts) {
        taken.add(measured);
        cpu = cpu.plus(used);
      }
    }

    @Override
    public String toString() {
      Measurement sum = taken.sum();
      return "%-36s %s   server CPU %.0f us/message%n  turns: %s"
          .formatted(name, sum, cpu.toNanos() / 1e3 / sum.operations(), String.join(" ", rates));
    }
  }
}
