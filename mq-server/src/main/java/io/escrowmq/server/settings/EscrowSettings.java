package io.escrowmq.server.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What an operator can set, with every default. Keys are kebab-case below {@code escrowmq.} in
 * properties, YAML, environment and command line.
 */
@ConfigurationProperties(EscrowSettings.PREFIX)
public record EscrowSettings(
    @DefaultValue("127.0.0.1")
        @Describe(
            "Address that every listener binds, `server.port` included. Anything but loopback is refused unless clients are asked who they are and have to use TLS, see `allow-insecure-bind`.")
        String bindAddress,
    @Describe(
            value = "Host name or address that clients are told to connect to.",
            unset = "same as `bind-address`")
        @Nullable String advertisedAddress,
    @DefaultValue("./data")
        @Describe("Directory of this server's files: the store, `endpoints.json`, logs.")
        Path dataDir,
    @DefaultValue("false")
        @Describe(
            "Binds a non-loopback address although `security` is off or a listener accepts connections without TLS; the log says what is missing. Without `security`, whoever reaches the port can read and write every message.")
        boolean allowInsecureBind,
    @DefaultValue("20s") @Describe("How long a graceful stop may take to finish what was accepted.")
        Duration shutdownGrace,
    @DefaultValue("false") @Describe("Also writes the log to `<data-dir>/logs/escrowmq.log`.")
        boolean logToFile,
    @DefaultValue Cluster cluster,
    @DefaultValue Storage storage,
    @DefaultValue Remoting remoting,
    @DefaultValue Grpc grpc,
    @DefaultValue Topics topics,
    @DefaultValue Transactions transactions,
    Map<String, Intake> intake,
    @DefaultValue Security security) {

  public EscrowSettings {
    intake = intake == null ? Map.of() : Map.copyOf(intake);
    Range.notNegative("shutdown-grace", shutdownGrace);
  }

  /** What every key begins with, without the dot. */
  public static final String PREFIX = "escrowmq";

  /** The address clients are told to connect to. */
  public String effectiveAdvertisedAddress() {
    return advertisedAddress == null || advertisedAddress.isBlank()
        ? bindAddress
        : advertisedAddress;
  }

  /** Who this server is. */
  public record Cluster(
      @DefaultValue("DefaultCluster")
          @Describe("Cluster name that clients see; also a routable topic name.")
          String name,
      @DefaultValue("escrowmq")
          @Describe(
              "Name of this broker within the cluster; also a routable topic name. With `shards`, the brokers are called `<broker-name>-0`, `-1` and so on.")
          String brokerName,
      @DefaultValue("")
          @Describe(
              "Further names under which clients see this broker, separated by commas, for clients and tools that want several brokers. A topic's queues are divided among the names; the listeners of the further names are on `remoting.port` + 1, + 2 and so on, or on free ports where that is 0. Not together with `shards`, which have names of their own.")
          String moreBrokerNames,
      @DefaultValue("0")
          @Describe(
              "Lets several servers share one database (`jdbc` on PostgreSQL): the number of parts that they divide among themselves, each a broker to its clients. The same on all servers; it may grow, never shrink. 0: this server is alone.")
          int shards,
      @Describe(
              value = "Name of this server among those that share a database, for people.",
              unset = "the advertised address")
          @Nullable String serverName,
      @DefaultValue("6s")
          @Describe(
              "How long the shards of a server stay with it that is not heard of any more, at least 1s.")
          Duration lease) {

    public Cluster {
      Range.check("cluster.shards", shards, 0, 1024);
      Range.positive("cluster.lease", lease);
      List<String> all = new ArrayList<>(List.of(brokerName));
      all.addAll(names(moreBrokerNames));
      if (new HashSet<>(all).size() < all.size() || (all.size() > 1 && shards > 0)) {
        throw new IllegalArgumentException(
            "escrowmq.cluster.more-broker-names is '"
                + moreBrokerNames
                + "': each name must be there once, none may be the broker-name, and there may be"
                + " none where shards is above 0");
      }
    }

    /** Names beside the broker's own. */
    public List<String> furtherNames() {
      return names(moreBrokerNames);
    }

    private static List<String> names(String text) {
      return Arrays.stream(text.split(",", -1))
          .map(String::strip)
          .filter(name -> !name.isEmpty())
          .toList();
    }
  }

  /** Where messages are kept. */
  public record Storage(
      @DefaultValue("commitlog") @Describe("Storage engine: `commitlog`, `rocksdb` or `jdbc`.")
          String type,
      @DefaultValue("durable")
          @Describe(
              "`durable`: synced to the disk before a send is acknowledged (group commit). `written`: in the page cache, survives a kill of the server but not a power cut.")
          StoreDurability durability,
      @DefaultValue("7d")
          @Describe(
              "How long decided transactions are remembered, so that late and repeated decisions get the recorded answer.")
          Duration decisionRetention,
      @DefaultValue Retention retention,
      @DefaultValue Commitlog commitlog,
      @DefaultValue RocksDb rocksdb,
      @DefaultValue Jdbc jdbc) {

    public Storage {
      Range.positive("storage.decision-retention", decisionRetention);
    }
  }

  /** The commitlog engine. */
  public record Commitlog(
      @DefaultValue("256MB") @Describe("Size of a full-grown segment file.") DataSize segmentBytes,
      @DefaultValue("16MB")
          @Describe("Size of a new store's first segment; each next one doubles it.")
          DataSize firstSegmentBytes,
      @DefaultValue("64MB")
          @Describe("Memory through which writes travel; a power of two, 1 MB to 1 GB.")
          DataSize ringBytes,
      @DefaultValue("1MB") @Describe("Most bytes written before one sync.") DataSize groupBytes,
      @DefaultValue("256MB")
          @Describe("Log written between two checkpoints: bounds the work of a restart.")
          DataSize checkpointLogBytes,
      @DefaultValue("60000")
          @Describe("Longest time between two checkpoints while something changes, milliseconds.")
          long checkpointIntervalMs,
      @DefaultValue("60000")
          @Describe("Time between two runs of the retention, milliseconds; 0 for none.")
          long retentionIntervalMs,
      @DefaultValue("85")
          @Describe(
              "From this fullness of the disk on, the oldest messages are deleted early, percent.")
          int diskExpirePercent,
      @DefaultValue("90")
          @Describe(
              "From this fullness on, no new segment is begun and sends are refused, percent.")
          int diskRefuseSegmentPercent,
      @DefaultValue("95") @Describe("From this fullness on, nothing is written, percent.")
          int diskReadOnlyPercent) {}

  /** The RocksDB engine. */
  public record RocksDb(
      @DefaultValue("256MB")
          @Describe("Memory for its block cache and memory tables together, outside the heap.")
          DataSize memoryBytes,
      @DefaultValue("1MB") @Describe("Most bytes written together.") DataSize groupBytes,
      @DefaultValue("60000")
          @Describe("Time between two runs of the retention, milliseconds; 0 for none.")
          long retentionIntervalMs,
      @DefaultValue("85")
          @Describe(
              "From this fullness of the disk on, the oldest messages are deleted early, percent.")
          int diskExpirePercent,
      @DefaultValue("95") @Describe("From this fullness on, nothing is written, percent.")
          int diskReadOnlyPercent) {}

  /** The relational engine. */
  public record Jdbc(
      @Describe(
              value =
                  "Database of the `jdbc` engine, for example `jdbc:postgresql://db:5432/messages?currentSchema=mq`, `jdbc:mariadb://db:3306/messages`, or `jdbc:h2:file:./data/h2/messages` for development.",
              unset = "required by `jdbc`")
          @Nullable String url,
      @Describe(value = "Database user.", unset = "as in the URL") @Nullable String username,
      @Describe(value = "Password of the database user.", unset = "as in the URL")
          @Nullable String password,
      @DefaultValue("migrate")
          @Describe(
              "`migrate`: the server creates and upgrades its tables. `validate`: an administrator runs the scripts of `./mq storage ddl`, the server only checks.")
          String schema,
      @DefaultValue("8") @Describe("Most connections for reads; writes use one more.")
          int readerConnections,
      @DefaultValue("4MB") @Describe("Most message bytes that share one commit.")
          DataSize groupBytes,
      @DefaultValue("64MB") @Describe("Memory for sends that wait for the database.")
          DataSize pendingBytes,
      @DefaultValue("2500ms")
          @Describe(
              "How long a send waits for a database that hangs before it is answered with a retriable error, 100 ms to 10 minutes; keep it below the time-out of your clients (3 s by default).")
          Duration writeDeadline,
      @DefaultValue("64MB")
          @Describe(
              "Memory for the newest messages, so that consumers that keep up do not read from the database; shared by this server's shards; 0 for none.")
          DataSize tailCache,
      @DefaultValue("1GB")
          @Describe(
              "On PostgreSQL: message bytes per partition, which the retention drops whole; at most an eighth of `retention.max-bytes` is taken, and more where there would be too many partitions.")
          DataSize bucketBytes,
      @DefaultValue("60000")
          @Describe("Time between two runs of the retention, milliseconds; 0 for none.")
          long retentionIntervalMs) {}

  /** What a completed send means. */
  public enum StoreDurability {
    WRITTEN,
    DURABLE
  }

  /** Which messages may be forgotten. */
  public record Retention(
      @DefaultValue("72h") @Describe("Messages older than this may be deleted.") Duration maxAge,
      @Describe(
              value = "The oldest messages may be deleted while the store is larger than this.",
              unset = "no limit")
          @Nullable DataSize maxBytes) {

    public Retention {
      Range.positive("storage.retention.max-age", maxAge);
    }
  }

  /** The RocketMQ remoting protocol. */
  public record Remoting(
      @DefaultValue("true") @Describe("Serves RocketMQ remoting clients.") boolean enabled,
      @DefaultValue("9876") @Describe("Port of the name server role; 0 picks a free one.")
          int nameServerPort,
      @DefaultValue("10911") @Describe("Port of the broker role; 0 picks a free one.") int port,
      @DefaultValue("true")
          @Describe(
              "Also listens on `port` - 2, where clients older than 4.6 send; not done for a picked port.")
          boolean vipPort,
      @Describe(value = "PEM file of the server's certificate chain.", unset = "no TLS")
          @Nullable Path tlsCertificate,
      @Describe(value = "PEM file of its key: PKCS#8 without a password.", unset = "no TLS")
          @Nullable Path tlsKey,
      @Describe(
              value =
                  "`off`: no TLS. `permissive`: with and without TLS on the same port. `enforced`: connections without TLS are refused. The last two need a certificate.",
              unset = "`permissive` with a certificate, else `off`")
          @Nullable TlsMode tls,
      @DefaultValue("10s")
          @Describe(
              "How often to look whether certificate and key changed; new connections get the new ones.")
          Duration tlsReloadInterval,
      @DefaultValue("15000") @Describe("Most connections.") int maxConnections,
      @DefaultValue("1000") @Describe("Most connections from one address.")
          int maxConnectionsPerAddress,
      @DefaultValue("1000")
          @Describe(
              "Requests of a connection that are accepted and not answered; beyond it the server stops reading from it.")
          int maxInFlightPerConnection,
      @DefaultValue("64MB")
          @Describe(
              "Bytes of those requests; beyond them the server stops reading from the connection too.")
          DataSize maxInFlightSizePerConnection,
      @DefaultValue("2000")
          @Describe("Most groups and subscriptions of a client; a heartbeat with more is refused.")
          int maxSubscriptionsPerClient,
      @DefaultValue("10000")
          @Describe("Pulls of a connection that wait for messages; more are refused as overload.")
          int maxWaitingPullsPerConnection,
      @DefaultValue("8MB")
          @Describe("Unsent answers of a connection; beyond it the server stops reading from it.")
          DataSize maxOutboundSize,
      @DefaultValue("16MB") @Describe("Largest frame; a longer one closes the connection.")
          DataSize maxFrameSize,
      @DefaultValue("120s") @Describe("A connection without traffic for so long is closed.")
          Duration idleTimeout) {

    public Remoting {
      Range.port("remoting.name-server-port", nameServerPort);
      Range.port("remoting.port", port);
    }
  }

  /** Whether connections are encrypted. */
  public enum TlsMode {
    OFF,
    PERMISSIVE,
    ENFORCED
  }

  /** The RocketMQ gRPC protocol. */
  public record Grpc(
      @DefaultValue("8081")
          @Describe(
              "Reserved for the gRPC protocol, which this release does not have: nothing listens.")
          int port) {

    public Grpc {
      Range.port("grpc.port", port);
    }
  }

  /** Topics. */
  public record Topics(
      @Describe(
              value = "Creates a topic when a client first sends to it.",
              unset = "`true` on loopback, else `false`")
          @Nullable Boolean autoCreate,
      @DefaultValue("8")
          @Describe(
              "Queues of a topic that is created without a number, 1 to 4096; a client that creates one by sending may want fewer.")
          int defaultQueues,
      @DefaultValue("true")
          @Describe(
              "A topic with the attribute `message.type` (NORMAL, FIFO, DELAY or TRANSACTION) refuses messages of another kind; `false`: the attribute is only kept and shown.")
          boolean checkMessageType) {

    public Topics {
      Range.check("topics.default-queues", defaultQueues, 1, 4096);
    }
  }

  /** Transactions. */
  public record Transactions(
      @DefaultValue("6s") @Describe("Time from the half message to the first check-back.")
          Duration checkFirst,
      @DefaultValue("30s") @Describe("Time between check-backs.") Duration checkInterval,
      @DefaultValue("15")
          @Describe(
              "Check-backs before the transaction is parked for an operator's decision; 0 for no limit.")
          int checkMax,
      @DefaultValue("72h") @Describe("Age at which an undecided transaction is parked.")
          Duration maxAge,
      @DefaultValue("500") @Describe("Check-backs per second to one producer group, at least 1.")
          int checkRate,
      @DefaultValue("200")
          @Describe("Check-backs per second to one client on one connection, at least 1.")
          int checkRatePerConnection,
      @DefaultValue("100")
          @Describe(
              "Each further time between check-backs in percent of the one before, 100 (always the same) to 1000.")
          int checkBackoffPercent,
      @DefaultValue("5m") @Describe("No time between check-backs is longer, however much it grows.")
          Duration checkMaxInterval,
      @DefaultValue("0")
          @Describe(
              "Each time between check-backs is longer or shorter by up to so much, percent, 0 to 50.")
          int checkJitterPercent,
      @DefaultValue("false")
          @Describe(
              "A decision by hand takes two operators: one proposes, another one confirms. Needs `escrowmq.security.enabled`.")
          boolean fourEyes,
      @DefaultValue("30m") @Describe("How long a proposed decision waits for the second operator.")
          Duration fourEyesWindow,
      @Describe(
              value =
                  "File that says which producer groups are checked over HTTP or by the journal table in their database, instead of asking connected producers.",
              unset = "none")
          @Nullable Path checksFile) {

    public Transactions {
      Range.notNegative("transactions.check-first", checkFirst);
      Range.positive("transactions.check-interval", checkInterval);
      Range.check("transactions.check-max", checkMax, 0, Integer.MAX_VALUE);
      Range.positive("transactions.max-age", maxAge);
      Range.check("transactions.check-rate", checkRate, 1, 1_000_000);
      Range.check("transactions.check-rate-per-connection", checkRatePerConnection, 1, 1_000_000);
      Range.check("transactions.check-backoff-percent", checkBackoffPercent, 100, 1000);
      Range.positive("transactions.check-max-interval", checkMaxInterval);
      Range.check("transactions.check-jitter-percent", checkJitterPercent, 0, 50);
      Range.positive("transactions.four-eyes-window", fourEyesWindow);
    }
  }

  /** A table in which applications leave messages within their own transactions. */
  public record Intake(
      @Describe(
              value =
                  "Database of the applications, whose committed rows of `escrow_intake` become messages, for example `jdbc:postgresql://db:5432/bank`.",
              unset = "the store's own database: `storage.type` is `jdbc` on PostgreSQL")
          @Nullable String url,
      @Describe(value = "Database user, with `url` only.", unset = "as in the URL")
          @Nullable String username,
      @Describe(value = "Password of the database user, with `url` only.", unset = "as in the URL")
          @Nullable String password,
      @Describe(
              value = "Schema of the table, as it was given to `./mq intake ddl`.",
              unset = "as in the URL")
          @Nullable String schema) {}

  /** Who may do what. */
  public record Security(
      @DefaultValue("false")
          @Describe(
              "Asks clients who they are and lets them do what their access control list allows, on every protocol and the REST API. Needs `admin-user` and its secret.")
          boolean enabled,
      @Describe(
              value =
                  "A super user that is always there: it creates the others. 1 to 64 letters, digits and `_ . @ % | -`.",
              unset = "none")
          @Nullable String adminUser,
      @Describe(
              value = "Its secret, at least 8 characters; better in a file than here.",
              unset = "see `admin-secret-file`")
          @Nullable String adminSecret,
      @Describe(
              value =
                  "File whose first line is its secret; only the server should be able to read it.",
              unset = "none")
          @Nullable Path adminSecretFile,
      @DefaultValue("false")
          @Describe(
              "Shows super users the secrets of users: `mqadmin copyUser` needs it on the server that it copies from.")
          boolean secretsReadable) {}
}
