package io.escrowmq.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The class cache (JEP 483) of the servers that tests start, beside their jar: it halves a start,
 * and tests start and kill hundreds of servers. Made by the first test after a build, by a server
 * that starts for nothing else; the other processes wait for it.
 */
final class StartCache {

  private StartCache() {}

  /** The option that makes a JVM with these options use it. */
  static synchronized String option(Path jar, List<String> jvmOptions) {
    Path cache = jar.resolveSibling("start-of-tests.aot");
    try (FileChannel file =
            FileChannel.open(
                jar.resolveSibling("start-of-tests.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      if (!Files.exists(cache) || isOlder(cache, jar)) {
        make(cache, jar, jvmOptions);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no class cache for " + jar, e);
    }
    return "-XX:AOTCache=" + cache;
  }

  private static boolean isOlder(Path cache, Path jar) throws IOException {
    FileTime made = Files.getLastModifiedTime(cache);
    Path libraries = jar.resolveSibling("lib");
    return made.compareTo(Files.getLastModifiedTime(jar)) < 0
        || (Files.exists(libraries) && made.compareTo(Files.getLastModifiedTime(libraries)) < 0);
  }

  private static void make(Path cache, Path jar, List<String> jvmOptions) throws IOException {
    Path scratch = Files.createTempDirectory(cache.toAbsolutePath().getParent(), "start-of-tests-");
    Path made = scratch.resolve("cache.aot");
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("-XX:AOTCacheOutput=" + made);
    ServerProcess server = ServerProcess.start(jar, scratch.resolve("data"), options, List.of());
    server.stop();
    if (!Files.exists(made)) {
      throw new IOException("the JVM made none when the server ended:\n" + server.logTail());
    }
    Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING);
    try (Stream<Path> files = Files.walk(scratch)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
