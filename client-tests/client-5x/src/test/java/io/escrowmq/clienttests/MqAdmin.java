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
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Runs commands of the official {@code mqadmin} against a server and gives what they print. Two at
 * a time: most of a command's time is its client's waiting. A process is started when it is needed.
 */
final class MqAdmin implements AutoCloseable {
  private static final int PROCESSES = 2;

  private final String nameServer;
  private final Path home;
  private final BlockingQueue<Session> idle = new LinkedBlockingQueue<>();
  private final List<Session> sessions = new ArrayList<>();

  MqAdmin(String nameServer) {
    this(nameServer, Path.of("target"));
  }

  /**
   * With the user in {@code conf/tools.yml} and the log of {@code conf/rmq.tools.logback.xml} below
   * that folder, if they are there.
   */
  MqAdmin(String nameServer, Path home) {
    this.nameServer = nameServer;
    this.home = home;
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
    return tell(withNameServer(command));
  }

  /** What it prints when it is given no command. */
  String help() {
    return tell(List.of());
  }

  /**
   * Runs a command that does not end by itself, in a process of its own, until it prints a line
   * that matches; then the process is killed.
   */
  String until(Pattern enough, String... command) {
    return alone(line -> enough.matcher(line).find(), command);
  }

  /** Runs a command that works only once in a process. */
  String once(String... command) {
    return alone(MqAdminLoop.DONE::equals, command);
  }

  private String alone(Predicate<String> last, String... command) {
    Session session = Session.start(home);
    try {
      return session.run(withNameServer(command), last);
    } finally {
      session.kill();
    }
  }

  private List<String> withNameServer(String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("-n");
    arguments.add(nameServer);
    return arguments;
  }

  private String tell(List<String> arguments) {
    try {
      Session session = idleOrNew();
      try {
        return session.run(arguments, MqAdminLoop.DONE::equals);
      } finally {
        idle.add(session);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted before " + String.join(" ", arguments), e);
    }
  }

  private Session idleOrNew() throws InterruptedException {
    synchronized (sessions) {
      if (idle.isEmpty() && sessions.size() < PROCESSES) {
        Session session = Session.start(home);
        sessions.add(session);
        return session;
      }
    }
    return idle.take();
  }

  @Override
  public void close() {
    synchronized (sessions) {
      sessions.forEach(Session::close);
    }
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
              "-Drmq.logback.configurationFile=" + home.resolve("conf/rmq.tools.logback.xml"),
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

    /** What it prints up to the line that is the last one. */
    String run(List<String> arguments, Predicate<String> last) {
      StringBuilder printed = new StringBuilder();
      try {
        in.write(String.join("\t", arguments) + "\n");
        in.flush();
        String line = out.readLine();
        while (line != null && !last.test(line)) {
          printed.append(line).append('\n');
          line = out.readLine();
        }
        if (line == null) {
          throw new AssertionError(String.join(" ", arguments) + " ended mqadmin: " + printed);
        }
        if (!line.equals(MqAdminLoop.DONE)) {
          printed.append(line).append('\n');
        }
      } catch (IOException e) {
        throw new UncheckedIOException("after " + printed, e);
      }
      return printed.toString();
    }

    void kill() {
      process.destroyForcibly();
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
