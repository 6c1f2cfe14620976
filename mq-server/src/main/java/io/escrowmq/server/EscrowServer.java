package io.escrowmq.server;

import io.escrowmq.server.cli.Cli;
import io.escrowmq.server.settings.EscrowSettings;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * The process: {@code java -jar mq-server.jar [--key=value ...]} runs a server until SIGTERM,
 * {@code java -jar mq-server.jar cli ...} talks to one. Exit code 1 if the server did not start.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(EscrowSettings.class)
public class EscrowServer {

  /** Runs the server, or the command line client if the first argument is {@code cli}. */
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("cli")) {
      // Before anything logs: what a command says is not to be mixed with what engines note.
      System.setProperty("logback.configurationFile", "logback-cli.xml");
      System.exit(Cli.run(Arrays.copyOfRange(args, 1, args.length)));
    }
    try {
      Arguments.check(args);
      application().run(args);
    } catch (RuntimeException e) {
      StartFailure.print(e);
      System.exit(1);
    }
  }

  /** The application with its failure reporting, for the process and for tests. */
  static SpringApplication application() {
    SpringApplication application = new SpringApplication(EscrowServer.class);
    NodeStart start = new NodeStart();
    application.addInitializers(start);
    application.addListeners(start);
    return application;
  }
}
