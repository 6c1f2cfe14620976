package io.escrowmq.migration;

import io.escrowmq.server.cli.Table;
import io.escrowmq.spi.storage.QueueId;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Plans and results for people. */
final class MigrationText {

  private final PrintWriter out;

  MigrationText(PrintWriter out) {
    this.out = out;
  }

  /** What will be done. */
  void plan(MigrationPlan plan) {
    Table table = new Table("TOPIC", "QUEUES", "TO COPY", "FROM");
    for (MigrationPlan.Topic topic : plan.topics()) {
      table.row(topic.config().name(), topic.queues().size(), topic.messages(), origins(topic));
    }
    table.print(out);
    out.printf(
        Locale.ROOT,
        "to copy: %d topics, %d groups, %d offsets, %d messages%n",
        plan.topics().size(),
        plan.groups().size(),
        plan.offsets().size(),
        plan.messages());
    plan.notes().forEach(note -> out.println("note: " + note));
    plan.obstacles().forEach(obstacle -> out.println("obstacle: " + obstacle));
    out.flush();
  }

  /** As "0-3 broker-a 0-3, 4-7 broker-b 0-3": number here, broker, number there. */
  static String origins(MigrationPlan.Topic topic) {
    List<String> parts = new ArrayList<>();
    List<MigrationPlan.Queue> queues = topic.queues();
    int start = 0;
    for (int i = 1; i <= queues.size(); i++) {
      if (i == queues.size() || !follows(queues.get(i - 1), queues.get(i))) {
        MigrationPlan.Queue first = queues.get(start);
        MigrationPlan.Queue last = queues.get(i - 1);
        parts.add(
            range(first.target().queue(), last.target().queue())
                + " "
                + first.source().broker()
                + " "
                + range(first.source().number(), last.source().number()));
        start = i;
      }
    }
    return String.join(", ", parts);
  }

  private static boolean follows(MigrationPlan.Queue one, MigrationPlan.Queue next) {
    return next.source().broker().equals(one.source().broker())
        && next.source().number() == one.source().number() + 1
        && next.target().queue() == one.target().queue() + 1;
  }

  private static String range(int first, int last) {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }

  /** What is there now, of all runs. */
  void result(Migration.Result result) {
    Map<String, Sums> topics = new TreeMap<>();
    for (Map.Entry<QueueId, QueueProgress> queue : result.queues().entrySet()) {
      topics.merge(queue.getKey().topic(), Sums.of(queue.getValue()), Sums::plus);
    }
    Table table = new Table("TOPIC", "QUEUES", "MESSAGES", "BYTES", "COMPARED");
    topics.forEach((topic, sums) ->
        table.row(
            topic,
            sums.queues(),
            sums.messages(),
            sums.bytes(),
            result.differences().getOrDefault(topic, "equal")));
    result
        .differences()
        .forEach((what, difference) -> {
          if (!topics.containsKey(what)) {
            table.row(what, "", "", "", difference);
          }
        });
    table.print(out);
    if (result.restamped() > 0) {
      out.printf(
          Locale.ROOT,
          "%d messages got the store time of the message before them: clocks of the cluster had"
              + " gone back, or they were copied by a later run%n",
          result.restamped());
    }
    out.flush();
  }

  private record Sums(long queues, long messages, long bytes) {

    static Sums of(QueueProgress queue) {
      return new Sums(1, queue.next() - queue.first(), queue.bytes());
    }

    Sums plus(Sums other) {
      return new Sums(queues + other.queues, messages + other.messages, bytes + other.bytes);
    }
  }
}
