package io.escrowmq.protocol.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.PeerFaults.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Log lines about peers: few, whatever the peers do. */
final class PeerFaultsTest {
  private final List<String> lines = new ArrayList<>();
  private final List<Runnable> periods = new ArrayList<>();
  private final PeerFaults faults = new PeerFaults(lines::add, periods::add);

  @Test
  void theFirstIsToldAtOnceAndTheOthersTogether() {
    for (int port = 1; port <= 1_000; port++) {
      faults.report(Kind.MALFORMED, peer(port), "bad length");
    }
    assertThat(lines).containsExactly("Connection from " + peer(1) + " closed: bad length");
    assertThat(periods).hasSize(1);
    periods.getFirst().run();
    assertThat(lines)
        .hasSize(2)
        .last()
        .isEqualTo(
            "999 more connections closed in the last 60 s because of malformed input;"
                + " the last from "
                + peer(1_000)
                + " closed: bad length");
  }

  @Test
  void oneAloneHasNoSummaryAndTheNextPeriodBeginsAnew() {
    faults.report(Kind.TLS, peer(1), "no certificate");
    periods.getFirst().run();
    assertThat(lines).hasSize(1);
    faults.report(Kind.TLS, peer(2), "no certificate");
    assertThat(lines).hasSize(2);
    assertThat(periods).hasSize(2);
  }

  @Test
  void kindsAreToldApart() {
    faults.report(Kind.MALFORMED, peer(1), "bad length");
    faults.report(Kind.LIMIT, peer(2), "too many");
    assertThat(lines).hasSize(2);
  }

  private static InetSocketAddress peer(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
