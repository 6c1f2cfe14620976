package io.escrowmq.ring.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/** Runs every race of this package; an outcome that may not happen, or a hang, is a failure. */
final class RingStressTest {
  private static final Path RUNS = Path.of("target", "jcstress");

  @Test
  void everyRaceEndsWell() throws Exception {
    // One JVM per race and compiler, on whatever processors are free; short strides, because
    // jcstress first tries every length up to the longest.
    String strides = "-strideSize 128 -strideCount 8";
    String options = "-m quick -time 100 -iters 3 -sc false -af NONE -pth false " + strides;
    run("quick", 10, options.split(" "));
  }

  @Test
  @Tag("campaign")
  void everyRaceEndsWellUnderEveryPairOfCompilers() throws Exception {
    run("thorough", 180, "-m", "default");
  }

  private static void run(String name, int minutes, String... options) throws Exception {
    Path home = RUNS.resolve(name);
    deleteResults(home);
    Files.createDirectories(home);
    File log = home.resolve("run.log").toFile();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(), "org.openjdk.jcstress.Main", "-r", "report"));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    try {
      assertThat(process.waitFor(minutes, TimeUnit.MINUTES))
          .as("ended within %s minutes, see %s", minutes, log)
          .isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    judge(results(home), log);
    assertThat(process.exitValue()).as("exit status, see %s", log).isZero();
  }

  private static void judge(Collection<TestResult> results, File log) {
    Map<String, Long> samples = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    for (TestResult result : results) {
      samples.merge(result.getName(), result.getTotalCount(), Long::sum);
      if (result.status() != Status.NORMAL || !result.grading().isPassed) {
        failures.add(
            result.getName() + " with " + result.getConfig().jvmArgs + ": " + describe(result));
      }
    }
    System.out.printf("%d runs of races, tries of each: %s%n", results.size(), samples);
    assertThat(failures).as("races that ended badly, see %s", log).isEmpty();
    assertThat(samples.keySet()).containsExactlyInAnyOrderElementsOf(TestList.tests());
    assertThat(samples).allSatisfy((race, tries) -> assertThat(tries).isGreaterThan(1_000));
  }

  private static String describe(TestResult result) {
    return result.status()
        + " "
        + result.getStateKeys()
        + " "
        + result.grading().failureMessages
        + " "
        + result.getMessages();
  }

  private static Collection<TestResult> results(Path home) throws Exception {
    InProcessCollector collected = new InProcessCollector();
    try (var files = Files.list(home)) {
      List<Path> blobs = files.filter(file -> file.toString().endsWith(".bin.gz")).toList();
      assertThat(blobs).as("jcstress's results").hasSize(1);
      DiskReadCollector reader = new DiskReadCollector(blobs.getFirst().toString(), collected);
      reader.dump();
      reader.close();
    }
    return collected.getTestResults();
  }

  private static void deleteResults(Path home) throws IOException {
    if (Files.exists(home)) {
      try (var files = Files.list(home)) {
        for (Path blob : files.filter(file -> file.toString().endsWith(".bin.gz")).toList()) {
          Files.delete(blob);
        }
      }
    }
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
