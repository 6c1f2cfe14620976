package io.escrowmq.clienttests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Runs commands of the official {@code mqadmin} against a server and gives what they print. Two at
 * a time: most of a command's time is its client's waiting.
 */
final class MqAdmin implements AutoCloseable {
  private static final int PROCESSES = 2;

  private final String nameServer;
  private final BlockingQueue<Session> idle = new LinkedBlockingQueue<>();
  private final List<Session> sessions = new ArrayList<>();

  MqAdmin(String nameServer) {
    this(nameServer, Path.of("target"));
  }

  /** With the user in {@code conf/tools.yml} below that folder, if it is there. */
  MqAdmin(String nameServer, Path home) {
    this.nameServer = nameServer;
    for (int i = 0; i < PROCESSES; i++) {
      sessions.add(Session.start(home));
    }
    idle.addAll(sessions);
  }

  /** Runs a command, given as one text with single blanks between its words. */
  String line(String command) {
    return run(command.split(" ", -1));
  }

  /**
   * Runs one command; the name server's address is added.
   *
   * @return everything that it printed
   */
  String run(String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("-n");
    arguments.add(nameServer);
    try {
      Session session = idle.take();
      try {
        return session.run(arguments);
      } finally {
        idle.add(session);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted before " + String.join(" ", command), e);
    }
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }

  /** One process that runs one command at a time. */
  private record Session(Process process, Writer in, BufferedReader out) {

    static Session start(Path home) {
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      String logs = System.getProperty("rocketmq.log.root", "target");
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:TieredStopAtLevel=1",
              "-Drocketmq.log.root=" + logs,
              "-Drocketmq.client.logRoot=" + logs,
              "-Drocketmq.home.dir=" + home.toAbsolutePath(),
              "-cp",
              classPath,
              MqAdminLoop.class.getName());
      try {
        Process process = builder.redirectErrorStream(true).start();
        return new Session(
            process,
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8),
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String run(List<String> arguments) {
      StringBuilder printed = new StringBuilder();
      try {
        in.write(String.join("\t", arguments) + "\n");
        in.flush();
        String line = out.readLine();
        while (line != null && !line.equals(MqAdminLoop.DONE)) {
          printed.append(line).append('\n');
          line = out.readLine();
        }
        if (line == null) {
          throw new AssertionError(String.join(" ", arguments) + " ended mqadmin: " + printed);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("after " + printed, e);
      }
      return printed.toString();
    }

    void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        process.destroy();
      }
    }
  }
}
