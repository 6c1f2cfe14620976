package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The formal specification of the coordinator, checked by SPIN in every state that its bounds
 * allow; and with each rule broken on purpose, to see that the checker notices. Needs {@code spin}
 * and {@code gcc}, which every Linux distribution has.
 */
@Tag("campaign")
final class SpecificationTest {

  private static final Path SPECIFICATION =
      Path.of("src/test/promela/transactions.pml").toAbsolutePath();

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}, LIAR={1}")
  @CsvSource({"RULES, 0", "RULES, 1"})
  void theRulesHoldInEveryState(String variant, int liar) {
    String report = check(variant, liar);
    assertThat(report).contains("errors: 0");
    // Not because the search was cut short.
    assertThat(report).doesNotContain("max search depth too small").doesNotContain("out of memory");
  }

  @ParameterizedTest(name = "{0}, LIAR={1}")
  @CsvSource({
    "NO_COMPARE, 1",
    "NO_FENCE, 0",
    "TORN, 0",
    "INCOMPLETE, 1",
    "NO_TOMBSTONE, 0",
    "GUESS, 0",
    "EARLY_ANSWER, 0",
    "OBEY_CONFLICT, 1",
    "LAST_WORD, 0",
    "NEVER_ASK, 0",
    "COMMIT_HAPPENS, 0",
    "ROLLBACK_HAPPENS, 0"
  })
  void aBrokenRuleIsFound(String variant, int liar) {
    assertThat(check(variant, liar)).contains("assertion violated").contains("errors: 1");
  }

  private String check(String variant, int liar) {
    run("spin", "-a", "-DVARIANT=" + variant, "-DLIAR=" + liar, SPECIFICATION.toString());
    run("gcc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", "-o", "pan", "pan.c");
    String report = run(directory.resolve("pan").toString(), "-m1000000");
    report
        .lines()
        .filter(line -> line.contains("states, stored") || line.contains("elapsed time"))
        .forEach(line -> System.out.println(variant + ", LIAR=" + liar + ": " + line.strip()));
    return report;
  }

  private String run(String... command) {
    Path output = directory.resolve("output");
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(20, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(command[0] + " did not end within 20 minutes");
      }
      String said = Files.readString(output);
      assertThat(process.exitValue()).as("%s: %s", command[0], said).isZero();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(
          command[0] + " cannot be run; install it, for example: apt-get install spin gcc", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
