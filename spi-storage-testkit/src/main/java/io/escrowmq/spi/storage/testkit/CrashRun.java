package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * One life of a {@link CrashChild}: started, listened to, killed with SIGKILL. The child speaks
 * into a file: what it wrote there outlives it, while a pipe is closed by whoever destroys the
 * process.
 */
final class CrashRun {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Process process;
  private final Path output;
  private final Path errors;

  private CrashRun(Process process, Path output, Path errors) {
    this.process = process;
    this.output = output;
    this.errors = errors;
  }

  /**
   * What the child is to do.
   *
   * @param durability what its receipts mean
   * @param weakest the same for batches that only reschedule
   * @param environment set for the child, for example {@code LD_PRELOAD}
   */
  record Task(
      EngineUnderTest engine,
      Path directory,
      Path scratch,
      Durability durability,
      Durability weakest,
      Map<String, String> environment,
      long seed,
      int round,
      int threads,
      List<HoldId> inherited) {}

  /** Starts a child JVM with the class path of this one. */
  static CrashRun start(Task task) throws IOException {
    Path ids = task.scratch().resolve("inherited-ids");
    Files.write(ids, task.inherited().stream().map(HoldId::toString).toList());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flagsOfThisJvm());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(CrashChild.class.getName());
    command.add(task.engine().provider().id());
    command.add(task.directory().toString());
    command.add(task.durability().name());
    command.add(task.weakest().name());
    command.add(Long.toString(task.seed()));
    command.add(Integer.toString(task.round()));
    command.add(Integer.toString(task.threads()));
    command.add(ids.toString());
    task.engine().options(task.directory()).forEach((key, value) -> command.add(key + "=" + value));
    Path output = task.scratch().resolve("child-" + task.round() + ".txt");
    Path errors = task.scratch().resolve("child-" + task.round() + "-errors.txt");
    ProcessBuilder child =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    child.environment().putAll(task.environment());
    return new CrashRun(child.start(), output, errors);
  }

  /** Kills the child this long after it began to open its store, ready or not. */
  CrashReport killAfterOpening(long ms) {
    return kill(CrashReport.OPENING, ms);
  }

  /**
   * Kills the child this long after it was ready, or later, on a slow machine: something happened.
   */
  CrashReport killAfterReady(long ms) {
    return kill(CrashReport.ACKNOWLEDGED, ms);
  }

  private CrashReport kill(String moment, long ms) {
    return end(
        moment,
        ms,
        () -> {
          process.destroyForcibly().waitFor();
          return Files.size(output);
        });
  }

  /**
   * Cuts the power this long after the child began to open its store or, if it is to work, after it
   * was ready. What it says after the cut is no acknowledgement any more, but it may have begun to
   * write.
   */
  CrashReport cutPower(PoweredDisk disk, boolean whileOpening, long ms) {
    return end(
        whileOpening ? CrashReport.OPENING : CrashReport.ACKNOWLEDGED,
        ms,
        () -> {
          long said = Files.size(output);
          disk.cutPower();
          process.destroyForcibly().waitFor();
          return said;
        });
  }

  /** How a child ends; answers how many bytes it had said by then. */
  private interface End {
    long come() throws IOException, InterruptedException;
  }

  private CrashReport end(String moment, long ms, End end) {
    try {
      awaitWords(moment.equals(CrashReport.OPENING) ? moment : CrashReport.READY);
      if (!process.waitFor(ms, TimeUnit.MILLISECONDS)) {
        awaitWords(moment);
      }
      boolean ended = !process.isAlive();
      CrashReport report = CrashReport.read(output, end.come());
      if (ended || !report.complaints().isEmpty()) {
        throw new AssertionError(
            "the child JVM did not live until its end was made: exit code "
                + process.exitValue()
                + ", complaints "
                + report.complaints()
                + ", standard error:\n"
                + Files.readString(errors));
      }
      return report;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the child JVM ran", e);
    } catch (IOException e) {
      throw new AssertionError("cannot read what the child JVM said", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private void awaitWords(String beginning) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !process.isAlive() || hasSaid(beginning));
  }

  /** The words we wait for come early in a file that grows long. */
  private boolean hasSaid(String beginning) throws IOException {
    try (var lines = Files.lines(output)) {
      return lines.anyMatch(line -> line.startsWith(beginning));
    }
  }

  /** Access flags that engines need, but no agents and no heap sizes. */
  private static List<String> flagsOfThisJvm() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .toList();
  }
}
