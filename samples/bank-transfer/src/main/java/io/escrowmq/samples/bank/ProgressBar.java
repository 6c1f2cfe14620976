package io.escrowmq.samples.bank;

import java.io.Console;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far the demo is: one line that changes on a terminal, a plain line now and then
 * anywhere else. Messages go through {@link #say} so that they do not tear the bar.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 40;
  private static final long TERMINAL_PERIOD_MS = 100;
  private static final long PLAIN_PERIOD_MS = 2_000;

  private final PrintStream out;
  private final Scoreboard scoreboard;
  private final boolean terminal;
  private final CountDownLatch closed = new CountDownLatch(1);
  private String lastPlain = "";

  private ProgressBar(PrintStream out, Scoreboard scoreboard, boolean terminal) {
    this.out = out;
    this.scoreboard = scoreboard;
    this.terminal = terminal;
  }

  static ProgressBar show(PrintStream out, Scoreboard scoreboard, Map<String, String> environment) {
    ProgressBar bar = new ProgressBar(out, scoreboard, isTerminal(environment));
    Thread painter = new Thread(bar::drawUntilClosed, "progress");
    painter.setDaemon(true);
    painter.start();
    return bar;
  }

  /**
   * Whether ANSI sequences are welcome: a terminal, and nobody asked for plain text (the NO_COLOR
   * convention).
   */
  @SuppressWarnings(
      "SystemConsoleNull") // This runs on Java 17 too, where null means that there is no terminal.
  private static boolean isTerminal(Map<String, String> environment) {
    Console console = System.console();
    if (console == null
        || !environment.getOrDefault("NO_COLOR", "").isEmpty()
        || "dumb".equals(environment.get("TERM"))) {
      return false;
    }
    try {
      // Since Java 22 a console exists without a terminal, and this method tells; before, a console
      // was a terminal.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  /** Prints a line of text above the bar. */
  synchronized void say(String line) {
    if (terminal) {
      out.print("\r\u001b[K");
    }
    out.println(line);
    if (terminal) {
      draw();
    }
  }

  private void drawUntilClosed() {
    try {
      while (!closed.await(
          terminal ? TERMINAL_PERIOD_MS : PLAIN_PERIOD_MS, TimeUnit.MILLISECONDS)) {
        draw();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void draw() {
    int settled = scoreboard.settled();
    int total = scoreboard.total();
    int done = (int) ((long) WIDTH * settled / total);
    String numbers = settled + "/" + total + " transfers settled";
    if (terminal) {
      String bar = "=".repeat(done) + " ".repeat(WIDTH - done);
      out.print("\r\u001b[K\u001b[32m[" + bar + "]\u001b[0m " + numbers);
      out.flush();
    } else if (!numbers.equals(lastPlain)) {
      lastPlain = numbers;
      out.println("  " + numbers);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (this) {
      draw();
      if (terminal) {
        out.println();
      }
    }
  }
}
