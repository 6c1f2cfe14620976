package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows {@code docs/add-a-storage-engine.md} to the letter: its code must pass every suite. */
class DocumentedEngineTest {

  private static final Path PAGE = Path.of("..", "docs", "add-a-storage-engine.md");
  private static final Pattern CODE = Pattern.compile("```java (\\w+)\n(.*?)```", Pattern.DOTALL);
  private static final String PACKAGE = "io.escrowmq.storage.throwaway";
  private static final int PATIENCE_S = 240;

  @TempDir Path directory;

  @Test
  void theEngineOfThePagePassesTheKit() throws Exception {
    Map<String, String> sources = sources();
    assertThat(sources)
        .containsOnlyKeys("ThrowAwayStorage", "ThrowAwayProvider", "ThrowAwayStorageTest");
    Path classes = compile(sources);
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("io.escrowmq.spi.storage.StorageProvider"),
        PACKAGE + ".ThrowAwayProvider\n");

    Path output = directory.resolve("output.txt");
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                KitRun.class.getName(),
                PACKAGE + ".ThrowAwayStorageTest")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(run.waitFor(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as("what it printed: %s", Files.readString(output)).isZero();
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    Matcher block = CODE.matcher(Files.readString(PAGE));
    while (block.find()) {
      sources.put(block.group(1), block.group(2));
    }
    return sources;
  }

  private Path compile(Map<String, String> sources) throws IOException {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-d", classes.toString(), "-proc:none", "-cp"));
    arguments.add(System.getProperty("java.class.path"));
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = directory.resolve(source.getKey() + ".java");
      Files.writeString(file, source.getValue());
      arguments.add(file.toString());
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.out, System.err, arguments.toArray(String[]::new));
    assertThat(status).as("javac of the page's code").isZero();
    return classes;
  }
}
