package io.escrowmq.samples.bank;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The command: reads the command line, runs the demo, and ends with an exit status. */
public final class BankTransfer {
  /**
   * System property with the folder for the log of the services; read by the logging configuration.
   */
  static final String LOGS = "bank.logs";

  private static final int CONSERVED = 0;
  private static final int NOT_CONSERVED = 1;
  private static final int USAGE = 2;

  private BankTransfer() {}

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), System.out, System.err));
  }

  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    DemoOptions options;
    try {
      options = DemoOptions.parse(arguments);
    } catch (UsageException e) {
      err.println(e.getMessage());
      err.println("Try --help.");
      return USAGE;
    }
    if (options.help()) {
      out.print(DemoOptions.USAGE);
      return CONSERVED;
    }
    return run(options, out, err);
  }

  private static int run(DemoOptions options, PrintStream out, PrintStream err) {
    Path workDir;
    try {
      workDir = Files.createTempDirectory("escrowmq-bank-");
    } catch (IOException e) {
      err.println("Cannot make a folder for the demo's data: " + e);
      err.println(
          "What to do: check the space and the permissions of "
              + System.getProperty("java.io.tmpdir")
              + ".");
      return NOT_CONSERVED;
    }
    // Before the first logger exists: both the client and the services log into the demo's own
    // folder.
    System.setProperty(LOGS, workDir.resolve("client-logs").toString());
    System.setProperty("rocketmq.log.root", workDir.resolve("client-logs").toString());
    // How often a consumer looks whether it got another queue. 20 s, the default, is fine in
    // production.
    System.setProperty("rocketmq.client.rebalance.waitInterval", "2000");
    boolean keep = true;
    try {
      boolean conserved = new DemoRun(options, workDir, out).run();
      keep = options.keep() || !conserved;
      return conserved ? CONSERVED : NOT_CONSERVED;
    } catch (DemoFailure e) {
      err.println();
      err.println(e.getMessage());
      err.println("What to do: " + e.whatToDo());
      return NOT_CONSERVED;
    } finally {
      if (keep) {
        out.println("Data and logs: " + workDir);
      } else {
        delete(workDir, err);
      }
    }
  }

  private static void delete(Path folder, PrintStream err) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      err.println("Could not remove " + folder + ": " + e + ". Remove it by hand.");
    }
  }
}
