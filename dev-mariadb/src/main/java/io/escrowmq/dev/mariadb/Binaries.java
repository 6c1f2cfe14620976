package io.escrowmq.dev.mariadb;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The programs of an installed MariaDB.
 *
 * @param server {@code mariadbd}
 * @param installer {@code mariadb-install-db}
 */
record Binaries(Path server, Path installer) {

  private static final List<String> FOLDERS =
      List.of(
          "/usr/sbin",
          "/usr/bin",
          "/usr/libexec",
          "/usr/local/sbin",
          "/usr/local/bin",
          "/opt/homebrew/bin");

  /**
   * Looks on the PATH and where packages put them.
   *
   * @throws IllegalStateException if they are not there, with what to install
   */
  static Binaries find() {
    return new Binaries(find("mariadbd"), find("mariadb-install-db"));
  }

  private static Path find(String name) {
    List<String> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(Pattern.quote(File.pathSeparator), -1)));
    }
    folders.addAll(FOLDERS);
    Optional<Path> found =
        folders.stream()
            .filter(folder -> !folder.isEmpty())
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    return found.orElseThrow(() ->
        new IllegalStateException(
            "no "
                + name
                + " on the PATH nor in "
                + String.join(", ", FOLDERS)
                + "; install a MariaDB server, for example: apt-get install mariadb-server"));
  }
}
