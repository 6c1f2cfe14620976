package io.escrowmq.clienttests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * The official command line in a process of its own, for many commands: arguments come in as lines,
 * separated by tabs; after what a command printed there is a line that says so.
 */
final class MqAdminLoop {
  static final String DONE = "--- done ---";

  private MqAdminLoop() {}

  /** Serves until the input ends. */
  public static void main(String[] args) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      MQAdminStartup.main0(line.split("\t", -1), null);
      System.err.flush();
      System.out.println();
      System.out.println(DONE);
      System.out.flush();
    }
    System.exit(0);
  }
}
