package io.escrowmq.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The server modules, the package each one owns, and the modules each one may use. */
final class Modules {
  private static final String ROOT = "io.escrowmq.";

  /** Package tail of a module to the package tails it may depend on besides itself. */
  static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("spi.storage", Set.of()),
          Map.entry("spi.storage.testkit", Set.of("spi.storage")),
          Map.entry("spi.protocol", Set.of("spi.storage")),
          Map.entry("rocksdb.files", Set.of()),
          Map.entry("storage.commitlog", Set.of("spi.storage", "rocksdb.files")),
          Map.entry("storage.rocksdb", Set.of("spi.storage", "rocksdb.files")),
          Map.entry("storage.jdbc", Set.of("spi.storage")),
          Map.entry("tx", Set.of("spi.storage")),
          Map.entry("protocol.remoting", Set.of("spi.protocol", "spi.storage")),
          Map.entry("broker", Set.of("spi.protocol", "spi.storage", "tx")),
          Map.entry("node", Set.of("broker", "spi.protocol", "spi.storage", "tx")),
          // The node without a protocol, and the server's command line.
          Map.entry("migration", Set.of("server", "node", "broker", "spi.protocol", "spi.storage")),
          Map.entry(
              "server",
              Set.of(
                  "node",
                  "broker",
                  "tx",
                  "spi.protocol",
                  "spi.storage",
                  "storage.commitlog",
                  "storage.rocksdb",
                  "storage.jdbc",
                  "protocol.remoting")));

  /**
   * Packages of libraries that only some modules may touch, with the package tails of those
   * modules.
   */
  static final Map<String, Set<String>> LIBRARY_HOMES =
      Map.of(
          "java.sql", Set.of("storage.jdbc"),
          "javax.sql", Set.of("storage.jdbc"),
          "org.rocksdb", Set.of("storage.commitlog", "storage.rocksdb", "rocksdb.files"),
          "java.lang.foreign", Set.of("storage.commitlog", "spi.storage.testkit"),
          "io.netty", Set.of("protocol.remoting"),
          "tools.jackson", Set.of("protocol.remoting", "server"),
          "org.apache.rocketmq", Set.of("migration"),
          "org.springframework", Set.of("server"));

  private Modules() {}

  /**
   * The module that owns a class: the longest package tail that fits, so that the kit is not taken
   * for the SPI.
   */
  static Optional<String> of(JavaClass type) {
    return ARROWS.keySet().stream()
        .filter(module -> isIn(type, ROOT + module))
        .max(Comparator.comparingInt(String::length));
  }

  static boolean isIn(JavaClass type, String packageName) {
    String name = type.getPackageName();
    return name.equals(packageName) || name.startsWith(packageName + ".");
  }
}
