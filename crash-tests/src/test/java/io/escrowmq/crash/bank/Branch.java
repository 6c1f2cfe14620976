package io.escrowmq.crash.bank;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A service of the bank as a child process, seen from the campaign. One thread. */
final class Branch implements AutoCloseable {

  private BranchSettings settings;
  private Process process;

  private Branch(BranchSettings settings, Process process) {
    this.settings = settings;
    this.process = process;
  }

  static Branch start(BranchSettings settings) {
    return new Branch(settings, launch(settings));
  }

  BranchSettings settings() {
    return settings;
  }

  boolean hasEnded() {
    return !process.isAlive();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next process of this instance, after the last one has ended. */
  void restart(long haltAfter) {
    settings = settings.again(haltAfter);
    process = launch(settings);
  }

  void pause() {
    Signals.send("STOP", process.pid());
  }

  void resume() {
    Signals.send("CONT", process.pid());
  }

  /** No new transfers and no faults from now on. */
  void quiet() {
    try {
      process.getOutputStream().write("quiet\n".getBytes(UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      // It has just ended at a fault point; whoever finds that starts it again and tells the next.
      System.out.println(settings.name() + " ended before it could be told to be quiet");
    }
  }

  @Override
  public void close() {
    kill();
  }

  private static Process launch(BranchSettings settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, BranchMain.class.getName()));
    command.addAll(settings.toArguments());
    File log = settings.files().resolve(settings.name() + ".log").toFile();
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + settings.name(), e);
    }
  }
}
