package io.escrowmq.server.cli;

import io.escrowmq.node.StorageCopy;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyStep;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a copy is: a bar that moves on a terminal, a line now and then anywhere else. Used by one
 * thread.
 */
public final class CopyProgress implements StorageCopy.Progress {

  private static final long BAR_INTERVAL_NANOS = 100_000_000L;
  private static final long LINE_INTERVAL_NANOS = 10_000_000_000L;
  private static final int BAR_WIDTH = 30;

  /** The clock is not asked for every message. */
  private static final int EVERY = 256;

  private final PrintWriter out;
  private final TimeSource time;
  private final boolean terminal;
  private long startedNanos;
  private long shownNanos;
  private long calls;
  private boolean open;
  private CopyStep step = CopyStep.MESSAGES;
  private long done;
  private long total;

  /** With where it is shown, and whether that is a terminal. */
  public CopyProgress(PrintWriter out, TimeSource time, boolean terminal) {
    this.out = out;
    this.time = time;
    this.terminal = terminal;
  }

  /** True if a person watches. */
  public static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  @Override
  public void begins(String what) {
    end();
    out.println(what);
    out.flush();
  }

  @Override
  public void progress(CopyStep now, long doneNow, long totalNow) {
    if (now != step || !open) {
      end();
      step = now;
      startedNanos = time.nanos();
      shownNanos = startedNanos;
      open = true;
    }
    done = doneNow;
    total = totalNow;
    if (++calls % EVERY == 0 || done == total) {
      long nanos = time.nanos();
      if (nanos - shownNanos >= (terminal ? BAR_INTERVAL_NANOS : LINE_INTERVAL_NANOS)) {
        show(nanos);
      }
    }
  }

  /** Shows how the step ended, if one was begun. */
  public void end() {
    if (open) {
      show(time.nanos());
      if (terminal) {
        out.println();
      }
      out.flush();
      open = false;
    }
  }

  private void show(long nanos) {
    shownNanos = nanos;
    String text = text(nanos);
    if (terminal) {
      out.print('\r' + text + "\u001b[K");
    } else {
      out.println(text);
    }
    out.flush();
  }

  private String text(long nanos) {
    double seconds = Math.max((nanos - startedNanos) / 1e9, 1e-3);
    String name = String.format(Locale.ROOT, "  %-11s", name());
    long rate = Math.round(done / seconds);
    if (total == CopyListener.UNKNOWN) {
      return String.format(Locale.ROOT, "%s %d, %d/s", name, done, rate);
    }
    double part = total == 0 ? 1 : (double) done / total;
    int filled = (int) (part * BAR_WIDTH);
    String bar = "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled);
    return String.format(
        Locale.ROOT,
        "%s [%s] %3d %%  %d of %d, %d/s, %d s left",
        name,
        bar,
        (int) (part * 100),
        done,
        total,
        rate,
        rate == 0 ? 0 : (total - done) / rate);
  }

  private String name() {
    return step.name().toLowerCase(Locale.ROOT);
  }
}
