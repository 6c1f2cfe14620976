import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code ./mq doctor}: looks at this machine the way a server will and says what to change. Runs from source so that it works before
 * the first build.
 */
final class Doctor {
  private static final int[] PORTS = {9876, 10911, 8081, 8080};
  private static final String[] PORT_SETTINGS = {
    "remoting.name-server-port", "remoting.port", "grpc.port", "server.port"
  };
  private static final int BLOCK_BYTES = 4096;
  private static final int FILE_BLOCKS = 4096;
  private static final long PROBE_NANOS = 1_000_000_000L;

  private int problems;

  public static void main(String[] args) {
    Path data = Path.of("data");
    String maven = "not found";
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        usage(args[i] + " needs a value");
      }
      switch (args[i]) {
        case "--data" -> data = Path.of(args[i + 1]);
        case "--maven" -> maven = args[i + 1];
        default -> usage("unknown option " + args[i]);
      }
    }
    System.exit(new Doctor().run(data, maven));
  }

  private static void usage(String problem) {
    System.err.println("doctor: " + problem + "; usage: ./mq doctor [--data DIR]");
    System.exit(2);
  }

  private int run(Path data, String maven) {
    ok("JDK", Runtime.version() + " in " + System.getProperty("java.home"));
    ok("Maven", maven);
    for (int i = 0; i < PORTS.length; i++) {
      port(PORTS[i], PORT_SETTINGS[i]);
    }
    disk(data.toAbsolutePath().normalize());
    System.out.println(problems == 0 ? "nothing to change" : problems + " to change");
    return problems == 0 ? 0 : 1;
  }

  private void port(int port, String setting) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      ok("port " + port, "free");
    } catch (IOException e) {
      problem("port " + port, "in use (" + e.getMessage() + "); stop its owner or choose another: ./mq server --set " + setting + "=0");
    }
  }

  private void disk(Path data) {
    Path probe = null;
    boolean created = !Files.exists(data);
    try {
      Files.createDirectories(data);
      probe = Files.createTempFile(data, "doctor", ".probe");
      long freeMiB = Files.getFileStore(data).getUsableSpace() >> 20;
      long perSecond = syncsPerSecond(probe);
      ok("data folder", data + ", " + freeMiB + " MiB free");
      String rate = perSecond + " synchronous 4 KiB writes per second, one after another";
      if (perSecond < 50) {
        problem("disk", rate + "; slow: durable sends wait for it. Put the data folder on a faster disk");
      } else {
        ok("disk", rate);
      }
    } catch (IOException e) {
      problem("data folder", "cannot write " + data + " (" + e + "); choose another with --data DIR");
    } finally {
      clean(probe, created ? data : null);
    }
  }

  private static long syncsPerSecond(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
      for (int i = 0; i < FILE_BLOCKS; i++) {
        channel.write(block.clear(), (long) i * BLOCK_BYTES);
      }
      channel.force(true);
      long start = System.nanoTime();
      long syncs = 0;
      while (System.nanoTime() - start < PROBE_NANOS) {
        channel.write(block.clear(), syncs % FILE_BLOCKS * BLOCK_BYTES);
        channel.force(false);
        syncs++;
      }
      return syncs * 1_000_000_000L / (System.nanoTime() - start);
    }
  }

  private static void clean(Path probe, Path folder) {
    try {
      if (probe != null) {
        Files.deleteIfExists(probe);
      }
      if (folder != null) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      System.err.println("doctor: could not remove its probe file: " + e);
    }
  }

  private static void ok(String what, String finding) {
    System.out.printf("  ok    %-12s %s%n", what, finding);
  }

  private void problem(String what, String finding) {
    problems++;
    System.out.printf("  CHECK %-12s %s%n", what, finding);
  }
}
