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

/** Runs commands of the official {@code mqadmin} against a server and gives what they print. */
final class MqAdmin implements AutoCloseable {
  private final String nameServer;
  private final Process process;
  private final Writer in;
  private final BufferedReader out;

  MqAdmin(String nameServer) {
    this.nameServer = nameServer;
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Drocketmq.log.root=" + System.getProperty("rocketmq.log.root", "target"),
            "-Drocketmq.client.logRoot=" + System.getProperty("rocketmq.client.logRoot", "target"),
            "-cp",
            classPath,
            MqAdminLoop.class.getName());
    try {
      process = builder.redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Runs one command; the name server's address is added.
   *
   * @return everything that it printed
   */
  synchronized String run(String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("-n");
    arguments.add(nameServer);
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
        throw new AssertionError(String.join(" ", command) + " ended mqadmin: " + printed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("after " + printed, e);
    }
    return printed.toString();
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.destroy();
    }
  }
}
