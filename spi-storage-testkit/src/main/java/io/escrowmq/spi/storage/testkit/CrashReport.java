package io.escrowmq.spi.storage.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteReceipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a child JVM said before it was killed, one line each. A line counts only with its final dot:
 * the kill may cut the last one.
 */
final class CrashReport {

  static final String OPENING = "OPENING .";
  static final String READY = "READY .";

  /** How an acknowledgement begins. */
  static final String ACKNOWLEDGED = "A ";

  private static final String ATTEMPT = "T ";
  private static final String END = " .";

  private final Map<Integer, Integer> attempted = new HashMap<>();
  private final Map<BatchNumber, List<Outcome>> acknowledged = new HashMap<>();
  private final List<View> views = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  /** The n-th batch of a thread. */
  record BatchNumber(int thread, int index) {}

  /** A message that a reader saw. */
  record View(QueueId queue, long offset, String marker) {}

  /**
   * Reads what a child said; what it said after its end counts only as attempts: it may have
   * happened.
   *
   * @param said bytes that it had said when its end came
   */
  static CrashReport read(Path output, long said) throws IOException {
    byte[] all = Files.readAllBytes(output);
    int end = (int) said;
    while (end > 0 && all[end - 1] != '\n') {
      end--;
    }
    CrashReport report = new CrashReport();
    new String(all, 0, end, UTF_8).lines().forEach(report::add);
    new String(all, end, all.length - end, UTF_8)
        .lines()
        .filter(line -> line.startsWith(ATTEMPT))
        .forEach(report::add);
    return report;
  }

  static String attempt(int thread, int index) {
    return ATTEMPT + thread + " " + index + END;
  }

  static String acknowledgement(int thread, int index, WriteReceipt receipt) {
    return ACKNOWLEDGED
        + thread
        + " "
        + index
        + " "
        + receipt.outcomes().stream().map(CrashReport::encode).collect(Collectors.joining(","))
        + END;
  }

  static String view(int queue, long offset, String marker) {
    return "V " + queue + " " + offset + " " + marker + END;
  }

  static String complaint(Throwable problem) {
    return "E " + problem.toString().replace('\n', ' ') + END;
  }

  /** Takes one line of the child's output. */
  void add(String line) {
    if (!line.endsWith(END) || line.equals(OPENING) || line.equals(READY)) {
      return;
    }
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case "T" -> attempted.merge(number(words[1]), number(words[2]), Math::max);
      case "A" ->
          acknowledged.put(
              new BatchNumber(number(words[1]), number(words[2])),
              java.util.Arrays.stream(words[3].split(",", -1)).map(CrashReport::decode).toList());
      case "V" -> {
        QueueId queue = CrashPlan.QUEUES.get(number(words[1]));
        views.add(new View(queue, Long.parseLong(words[2]), words[3]));
      }
      default -> complaints.add(line);
    }
  }

  /** Number of batches that the thread began to write. */
  int attempts(int thread) {
    return attempted.getOrDefault(thread, -1) + 1;
  }

  /** What the receipt of a batch said, if it arrived. */
  Optional<List<Outcome>> receipt(int thread, int index) {
    return Optional.ofNullable(acknowledged.get(new BatchNumber(thread, index)));
  }

  int acknowledgedBatches() {
    return acknowledged.size();
  }

  List<View> views() {
    return views;
  }

  /** Lines that the child should never have had to write. */
  List<String> complaints() {
    return complaints;
  }

  private static String encode(Outcome outcome) {
    return outcome.result() + ":" + outcome.queueOffset() + ":" + outcome.position();
  }

  private static Outcome decode(String text) {
    String[] parts = text.split(":", -1);
    return new Outcome(
        Outcome.Result.valueOf(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }
}
