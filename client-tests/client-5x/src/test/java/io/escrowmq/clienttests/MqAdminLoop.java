package io.escrowmq.clienttests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * The official command line in a process of its own, for many commands: arguments come in as lines,
 * separated by tabs; after what a command printed there is a line that says so.
 *
 * <p>At its end each command waits, up to three seconds, until its client's event thread notices
 * that it is to stop. Here that thread is woken.
 */
final class MqAdminLoop {
  static final String DONE = "--- done ---";

  private static final String EVENT_THREAD = "NettyEventExecutor";
  private static final long LOOK_MS = 20;

  private MqAdminLoop() {}

  /** Serves until the input ends. */
  public static void main(String[] args) throws IOException {
    Thread commands = Thread.currentThread();
    Thread.ofPlatform().daemon().name("waker").start(() -> wakeWhatItWaitsFor(commands));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      MQAdminStartup.main0(line.isEmpty() ? new String[0] : line.split("\t", -1), null);
      System.err.flush();
      System.out.println();
      System.out.println(DONE);
      System.out.flush();
    }
    System.exit(0);
  }

  private static void wakeWhatItWaitsFor(Thread commands) {
    try {
      while (commands.isAlive() && !commands.join(Duration.ofMillis(LOOK_MS))) {
        boolean waits =
            Arrays.stream(commands.getStackTrace())
                .anyMatch(frame ->
                    frame.getMethodName().equals("shutdown")
                        && frame.getClassName().endsWith(".ServiceThread"));
        if (waits) {
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith(EVENT_THREAD))
              .forEach(Thread::interrupt);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
