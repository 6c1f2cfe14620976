package io.escrowmq.samples.bank;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The command line.
 *
 * @param serverJar the server to start as a child process; empty when {@code address} is given
 * @param java the {@code java} command that runs the server
 * @param address name server of a server that runs already; empty when the demo starts its own
 * @param transfers how many transfers to make, 20 to 1,000,000
 * @param accounts accounts on each side, 1 to 10,000
 * @param seed decides every amount, account and fault, so that a run can be repeated
 * @param kill whether to kill the server in the middle
 * @param settings further settings of the server that is started, as {@code --key=value}
 * @param keep whether to leave the data and logs on disk
 * @param help whether only the usage was asked for
 */
record DemoOptions(
    Optional<Path> serverJar,
    Path java,
    Optional<String> address,
    int transfers,
    int accounts,
    long seed,
    boolean kill,
    List<String> settings,
    boolean keep,
    boolean help) {
  static final String USAGE =
      """
      Usage: java -jar bank-transfer.jar (--server-jar PATH [--java PATH] | --address HOST:PORT) [options]

      Moves money between two banks through a message server, breaks things on purpose, and counts the money.

        --server-jar PATH    start this server on free ports of the loopback address, with data in a temporary folder
        --java PATH          the java command for that server (default: the one that runs this program)
        --address HOST:PORT  use the name server of a server that is running; it is not killed
        --transfers N        how many transfers, from 20 (default: 400)
        --accounts N         how many accounts on each side (default: 20)
        --seed N             repeat the run with this seed (default: 42)
        --storage TYPE       storage engine of that server
        --set KEY=VALUE      any setting of that server, for example --set storage.durability=written; repeatable
        --no-kill            do not kill the server in the middle
        --keep               keep data and logs, and say where they are
        --help               this text

      Exit status: 0 the money was conserved; 1 it was not, or the demo could not finish; 2 the command line is wrong.
      """;

  static final int MIN_TRANSFERS = 20;
  private static final int MAX_TRANSFERS = 1_000_000;
  private static final int MAX_ACCOUNTS = 10_000;

  /** Reads the command line. */
  static DemoOptions parse(List<String> arguments) throws UsageException {
    Parser parser = new Parser(new ArrayDeque<>(arguments));
    return parser.parse();
  }

  private static final class Parser {
    private final Deque<String> rest;
    private Optional<Path> serverJar = Optional.empty();
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private Optional<String> address = Optional.empty();
    private int transfers = 400;
    private int accounts = 20;
    private long seed = 42;
    private boolean kill = true;
    private final List<String> settings = new ArrayList<>();
    private boolean keep;
    private boolean help;

    Parser(Deque<String> rest) {
      this.rest = rest;
    }

    DemoOptions parse() throws UsageException {
      while (!rest.isEmpty()) {
        take(rest.removeFirst());
      }
      if (!help) {
        check();
      }
      return new DemoOptions(
          serverJar,
          java,
          address,
          transfers,
          accounts,
          seed,
          kill && address.isEmpty(),
          List.copyOf(settings),
          keep,
          help);
    }

    private void take(String option) throws UsageException {
      switch (option) {
        case "--server-jar" -> serverJar = Optional.of(Path.of(value(option)));
        case "--java" -> java = Path.of(value(option));
        case "--address" -> address = Optional.of(value(option));
        case "--transfers" -> transfers = (int) number(option, MIN_TRANSFERS, MAX_TRANSFERS);
        case "--accounts" -> accounts = (int) number(option, 1, MAX_ACCOUNTS);
        case "--seed" -> seed = number(option, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--storage" -> settings.add("--escrowmq.storage.type=" + value(option));
        case "--set" -> settings.add(setting(value(option)));
        case "--no-kill" -> kill = false;
        case "--keep" -> keep = true;
        case "--help", "-h" -> help = true;
        default -> throw new UsageException("There is no option '" + option + "'.");
      }
    }

    private void check() throws UsageException {
      if (serverJar.isPresent() == address.isPresent()) {
        throw new UsageException(
            "Give either --server-jar, to start a server, or --address, to use a running one.");
      }
      if (serverJar.isPresent() && !Files.isRegularFile(serverJar.get())) {
        throw new UsageException(
            "--server-jar: there is no file '" + serverJar.get() + "'. Has the server been built?");
      }
      if (serverJar.isPresent() && !Files.isExecutable(java)) {
        throw new UsageException("--java: '" + java + "' is not a program that can be run.");
      }
      if (address.isPresent() && !settings.isEmpty()) {
        throw new UsageException(
            "--storage and --set are for a server that the demo starts; --address names one that runs.");
      }
      if (address.isPresent() && !address.get().matches("[^:\\s]+:\\d{1,5}")) {
        throw new UsageException("--address: expected HOST:PORT, got '" + address.get() + "'.");
      }
    }

    private static String setting(String text) throws UsageException {
      if (!text.matches("[^=\\s]+=.+")) {
        throw new UsageException("--set: expected KEY=VALUE, got '" + text + "'.");
      }
      boolean whole = text.startsWith("escrowmq.") || text.startsWith("logging.");
      return (whole ? "--" : "--escrowmq.") + text;
    }

    private String value(String option) throws UsageException {
      if (rest.isEmpty()) {
        throw new UsageException(option + " needs a value.");
      }
      return rest.removeFirst();
    }

    private long number(String option, long min, long max) throws UsageException {
      String text = value(option);
      try {
        long number = Long.parseLong(text);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new UsageException(option + ": '" + text + "' is not a whole number.");
      }
      throw new UsageException(option + ": " + text + " is outside " + min + " to " + max + ".");
    }
  }
}
