package io.escrowmq.samples.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.debit.CheckObserver;
import io.escrowmq.samples.bank.debit.TransactionJournal;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The demo's side of {@link DoomedInstance}: starts it, waits until it stands at its crash points,
 * and kills it.
 */
final class DoomedProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LAST_WORDS_PATIENCE = Duration.ofSeconds(5);

  private final Process process;
  private final ChildOutput output;
  private final Path log;
  private final CountDownLatch atCrashPoint;

  private DoomedProcess(Process process, Path log, int transfers, CheckObserver checks) {
    this.process = process;
    this.log = log;
    this.atCrashPoint = new CountDownLatch(transfers);
    this.output = ChildOutput.follow(process, log, line -> read(line, checks));
  }

  static DoomedProcess start(
      ClientSettings settings,
      Databases.Access database,
      Path workDir,
      List<PlannedTransfer> plan,
      CheckObserver checks)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-D" + BankTransfer.LOGS + "=" + workDir.resolve("client-logs"),
                "-Drocketmq.log.root=" + workDir.resolve("client-logs"),
                "-cp",
                System.getProperty("java.class.path"),
                DoomedInstance.class.getName(),
                settings.nameServer(),
                settings.topic(),
                settings.group(),
                settings.instance())
            .redirectErrorStream(true);
    builder.environment().put(DoomedInstance.DATABASE_URL, database.url());
    builder.environment().put(DoomedInstance.DATABASE_PASSWORD, database.password());
    Process process = builder.start();
    DoomedProcess doomed =
        new DoomedProcess(
            process, workDir.resolve(settings.instance() + ".log"), plan.size(), checks);
    try (Writer input = process.outputWriter(UTF_8)) {
      for (PlannedTransfer planned : plan) {
        input.write(planned.fate() + " " + planned.transfer().toLine() + "\n");
      }
    }
    return doomed;
  }

  private void read(String line, CheckObserver checks) {
    if (line.startsWith(DoomedInstance.AT_CRASH_POINT)) {
      atCrashPoint.countDown();
    } else if (line.startsWith(DoomedInstance.CHECKED)) {
      String[] words = line.substring(DoomedInstance.CHECKED.length()).split(" ", 2);
      checks.answered(Transfer.fromLine(words[1]), TransactionJournal.State.valueOf(words[0]));
    }
  }

  /**
   * Waits until every transfer of that instance stands at its crash point, then kills it with
   * SIGKILL.
   */
  void killAtCrashPoints() throws InterruptedException {
    boolean reached = atCrashPoint.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    if (!reached) {
      throw new DemoFailure(
          "The second instance of the debit service did not reach its crash points: "
              + atCrashPoint.getCount()
              + " transfers are missing after "
              + PATIENCE.toSeconds()
              + " s. Its last lines:\n  "
              + String.join("\n  ", output.lastWords(LAST_WORDS_PATIENCE)),
          "Read its log, kept at " + log + "; it could not start or could not send.");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
