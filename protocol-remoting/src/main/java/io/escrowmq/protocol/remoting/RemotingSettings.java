package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.ProtocolSettings;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an operator can set for this protocol; keys are below {@code escrowmq.remoting}.
 *
 * @param nameServerPort {@code name-server-port}, default 9876, 0 picks a free one, -1 for none
 * @param port {@code port}, the broker's, default 10911, 0 picks a free one, -1 for none
 * @param vipPort {@code vip-port}, default true: also listen on {@code port - 2}, where clients
 *     older than 4.6 send; not done for a picked port
 * @param tls {@code tls}: {@code off}, {@code permissive} (with and without TLS on the same port),
 *     or {@code enforced}; default: permissive if there is a certificate; empty if off
 * @param limits see {@link Limits}
 * @param frames {@code max-frame-size}, default 16MB; the other bounds follow the protocol
 * @param eventLoops {@code event-loops}, threads that read and write sockets, default: one per
 *     processor, at most 8
 */
record RemotingSettings(
    String bindAddress,
    String advertisedAddress,
    int nameServerPort,
    int port,
    boolean vipPort,
    Optional<Tls> tls,
    Limits limits,
    FrameLimits frames,
    int eventLoops) {

  /** The port of a role that this listener does not have. */
  static final int NO_LISTENER = -1;

  private static final List<String> KEYS =
      List.of(
          "name-server-port",
          "port",
          "vip-port",
          "tls",
          "tls-certificate",
          "tls-key",
          "tls-reload-interval",
          "max-connections",
          "max-connections-per-address",
          "max-in-flight-per-connection",
          "max-in-flight-size-per-connection",
          "max-subscriptions-per-client",
          "max-waiting-pulls-per-connection",
          "max-outbound-size",
          "idle-timeout",
          "max-frame-size",
          "event-loops");

  /**
   * Where the certificate and its key are.
   *
   * @param certificateFile {@code tls-certificate}, PEM
   * @param keyFile {@code tls-key}, PEM
   * @param required whether connections without TLS are refused
   * @param reloadInterval {@code tls-reload-interval}: how often to look whether the files changed,
   *     default 10s
   */
  record Tls(String certificateFile, String keyFile, boolean required, Duration reloadInterval) {}

  /**
   * Bounds per server and connection.
   *
   * @param connections {@code max-connections}, default 15000
   * @param connectionsPerAddress {@code max-connections-per-address}, default 1000
   * @param inFlight {@code max-in-flight-per-connection}: requests accepted and not answered;
   *     beyond it the server stops reading from the connection; default 1000
   * @param inFlightBytes {@code max-in-flight-size-per-connection}: body bytes of those requests;
   *     beyond it the server stops reading too; default 64MB
   * @param subscriptions {@code max-subscriptions-per-client}: groups and subscriptions in one
   *     heartbeat; default 2000
   * @param waitingPulls {@code max-waiting-pulls-per-connection}: pulls that wait for messages do
   *     not count as in flight; beyond this they are refused as overload; default 10000
   * @param outboundBytes {@code max-outbound-size}: unsent answers beyond which the server stops
   *     reading from the connection; default 8MB
   * @param idle {@code idle-timeout}: a connection without traffic is closed; default 120s
   */
  record Limits(
      int connections,
      int connectionsPerAddress,
      int inFlight,
      int inFlightBytes,
      int subscriptions,
      int waitingPulls,
      int outboundBytes,
      Duration idle) {}

  static RemotingSettings parse(ProtocolSettings settings) {
    Options options = new Options(settings.options());
    options.refuseUnknown(KEYS);
    int frame = (int) options.size("max-frame-size", FrameLimits.DEFAULT.maxFrameBytes());
    return new RemotingSettings(
        settings.bindAddress(),
        settings.advertisedAddress(),
        options.number("name-server-port", 9876, NO_LISTENER, 65_535),
        options.number("port", 10_911, NO_LISTENER, 65_535),
        options.flag("vip-port", true),
        tls(options),
        new Limits(
            options.number("max-connections", 15_000, 1, 1_000_000),
            options.number("max-connections-per-address", 1_000, 1, 1_000_000),
            options.number("max-in-flight-per-connection", 1_000, 1, 1_000_000),
            (int) options.size("max-in-flight-size-per-connection", 64 << 20),
            options.number("max-subscriptions-per-client", 2_000, 1, 1_000_000),
            options.number("max-waiting-pulls-per-connection", 10_000, 1, 1_000_000),
            (int) options.size("max-outbound-size", 8 << 20),
            options.duration("idle-timeout", Duration.ofMinutes(2))),
        new FrameLimits(
            frame,
            FrameLimits.DEFAULT.maxHeaderBytes(),
            FrameLimits.DEFAULT.maxExtFields(),
            FrameLimits.DEFAULT.maxJsonBodyBytes()),
        options.number(
            "event-loops", Math.min(8, Runtime.getRuntime().availableProcessors()), 1, 256));
  }

  private static Optional<Tls> tls(Options options) {
    String certificate = options.text("tls-certificate", "");
    String key = options.text("tls-key", "");
    Duration reload = options.duration("tls-reload-interval", Duration.ofSeconds(10));
    boolean files = !certificate.isEmpty() || !key.isEmpty();
    String mode = options.text("tls", files ? "permissive" : "off");
    boolean required =
        switch (mode) {
          case "off", "permissive" -> false;
          case "enforced" -> true;
          default -> throw options.bad("tls", "off, permissive or enforced");
        };
    if (mode.equals("off")) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "TLS for remoting is configured in part only",
          "Set both escrowmq.remoting.tls-certificate and escrowmq.remoting.tls-key to PEM files");
    }
    return Optional.of(new Tls(certificate, key, required, reload));
  }

  /** Reads options with errors that name the key. */
  private record Options(Map<String, String> values) {

    void refuseUnknown(List<String> known) {
      for (String key : values.keySet()) {
        if (!known.contains(key)) {
          throw new BrokerException(
              ErrorCode.INVALID_PARAMETER,
              "there is no setting escrowmq.remoting." + key,
              "Known are: " + String.join(", ", known));
        }
      }
    }

    String text(String key, String absent) {
      return values.getOrDefault(key, absent).strip();
    }

    boolean flag(String key, boolean absent) {
      return switch (text(key, Boolean.toString(absent))) {
        case "true" -> true;
        case "false" -> false;
        default -> throw bad(key, "true or false");
      };
    }

    int number(String key, int absent, int least, int most) {
      String text = text(key, Integer.toString(absent));
      try {
        int value = Integer.parseInt(text);
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw bad(key, "a whole number", e);
      }
      throw bad(key, "a whole number from " + least + " to " + most);
    }

    long size(String key, int absent) {
      String text = text(key, Integer.toString(absent)).toUpperCase(Locale.ROOT);
      int shift = text.endsWith("KB") ? 10 : text.endsWith("MB") ? 20 : 0;
      String digits = shift == 0 ? text : text.substring(0, text.length() - 2).strip();
      try {
        long value = Long.parseLong(digits) << shift;
        if (value >= 4096 && value <= 1 << 30) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw bad(key, "a size such as 16MB", e);
      }
      throw bad(key, "a size from 4KB to 1024MB");
    }

    Duration duration(String key, Duration absent) {
      String text = text(key, absent.toString());
      try {
        Duration value =
            text.startsWith("P")
                ? Duration.parse(text)
                : text.endsWith("ms")
                    ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                    : Duration.parse("PT" + text);
        if (value.isPositive()) {
          return value;
        }
      } catch (DateTimeParseException | NumberFormatException e) {
        throw bad(key, "a time such as 120s, 2m or 500ms", e);
      }
      throw bad(key, "a time above zero");
    }

    private BrokerException bad(String key, String wanted) {
      return bad(key, wanted, null);
    }

    private BrokerException bad(String key, String wanted, @Nullable Throwable cause) {
      return new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the setting escrowmq.remoting." + key + " is '" + values.get(key) + "'",
          "It must be " + wanted,
          cause);
    }
  }
}
