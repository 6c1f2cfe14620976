package io.escrowmq.samples.bank;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import io.escrowmq.samples.bank.contract.ClientSettings;
import io.escrowmq.samples.bank.contract.Transfer;
import io.escrowmq.samples.bank.debit.DebitDatabase;
import io.escrowmq.samples.bank.debit.DebitFaults;
import io.escrowmq.samples.bank.debit.DebitService;
import io.escrowmq.samples.bank.debit.TransferFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import org.apache.rocketmq.client.exception.MQClientException;

/**
 * A second instance of the debit service, in a process of its own that the demo kills. Each
 * transfer stops at its crash point, says so on the standard output, and goes no further: when all
 * of them are there, the process gets SIGKILL.
 */
final class DoomedInstance {
  /** Printed before the id of a transfer that has reached its crash point. */
  static final String AT_CRASH_POINT = "@crash-point ";

  /**
   * Printed before {@code COMMITTED|ROLLED_BACK} and a transfer, when this instance answered a
   * check-back while it lived.
   */
  static final String CHECKED = "@checked ";

  static final String DATABASE_URL = "BANK_DATABASE_URL";
  static final String DATABASE_PASSWORD = "BANK_DATABASE_PASSWORD";

  private static final int CONNECTIONS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private DoomedInstance() {}

  /**
   * Arguments: name server, topic, producer group, instance name. Standard input: a fate and a
   * transfer per line.
   */
  public static void main(String[] arguments) throws IOException, MQClientException {
    Map<String, String> environment = System.getenv();
    Databases.Access access =
        new Databases.Access(
            requireNonNull(environment.get(DATABASE_URL), DATABASE_URL),
            requireNonNull(environment.get(DATABASE_PASSWORD), DATABASE_PASSWORD));
    ClientSettings settings =
        new ClientSettings(arguments[0], arguments[1], arguments[2], arguments[3]);
    try (HikariDataSource dataSource = access.connect(CONNECTIONS)) {
      Clock clock = Clock.systemUTC();
      StopAtCrashPoint faults = new StopAtCrashPoint();
      DebitService service =
          new DebitService(
              settings,
              new DebitDatabase(dataSource, clock),
              clock,
              faults,
              (transfer, state) -> say(CHECKED + state + " " + transfer.toLine()));
      service.start();
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int blank = line.indexOf(' ');
        Transfer transfer = Transfer.fromLine(line.substring(blank + 1));
        faults.fates.put(transfer.id(), Fate.valueOf(line.substring(0, blank)));
        new Thread(() -> make(service, transfer), transfer.id()).start();
      }
      stopHere();
    }
  }

  private static void make(DebitService service, Transfer transfer) {
    try {
      service.transfer(transfer, PATIENCE);
      say("transfer " + transfer.id() + " went past its crash point");
    } catch (TransferFailedException e) {
      say(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }

  private static void stopHere() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class StopAtCrashPoint implements DebitFaults {
    private final ConcurrentMap<String, Fate> fates = new ConcurrentHashMap<>();

    @Override
    public void beforeDebit(Transfer transfer, String txId) {
      stopIf(Fate.KILLED_BEFORE_DEBIT, transfer);
    }

    @Override
    public void afterDebit(Transfer transfer, String txId) {
      stopIf(Fate.KILLED_AFTER_DEBIT, transfer);
    }

    private void stopIf(Fate fate, Transfer transfer) {
      if (fates.get(transfer.id()) == fate) {
        say(AT_CRASH_POINT + transfer.id());
        stopHere();
      }
    }
  }
}
