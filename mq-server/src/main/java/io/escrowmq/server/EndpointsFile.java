package io.escrowmq.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code <data-dir>/endpoints.json}: where a running server listens, for scripts and the command
 * line client. It appears when the server is ready, in one step, and goes when it stops gracefully.
 */
final class EndpointsFile {

  /** The file's name in the data directory. */
  static final String NAME = "endpoints.json";

  private static final JsonMapper JSON = new JsonMapper();

  private EndpointsFile() {}

  /** Writes addresses by role, the process number and the version. */
  static void write(Path directory, Map<String, String> addresses, String version)
      throws IOException {
    Map<String, Object> content = new LinkedHashMap<>(addresses);
    content.put("pid", ProcessHandle.current().pid());
    content.put("version", version);
    Path temporary = directory.resolve(NAME + ".tmp");
    Files.writeString(temporary, JSON.writeValueAsString(content) + "\n");
    Files.move(
        temporary,
        directory.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the file if there is one. */
  static void remove(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(NAME));
  }

  /** The live process that serves the directory, other than this one. */
  static OptionalLong owner(Path directory) {
    Path file = directory.resolve(NAME);
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try {
      JsonNode pid = JSON.readTree(Files.readString(file)).path("pid");
      boolean alive =
          pid.isIntegralNumber()
              && pid.longValue() != ProcessHandle.current().pid()
              && ProcessHandle.of(pid.longValue()).map(ProcessHandle::isAlive).orElse(false);
      return alive ? OptionalLong.of(pid.longValue()) : OptionalLong.empty();
    } catch (IOException | JacksonException e) {
      return OptionalLong.empty(); // unreadable: nothing is known about an owner
    }
  }
}
