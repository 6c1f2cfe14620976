package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child JVM writes to a store on a {@link PoweredDisk}, the power is cut at a random moment
 * (sometimes while the store opens), the disk is mounted again and the store is compared with what
 * the child had said before the cut. What the engine declares to survive power cuts must not lose
 * an acknowledged batch; what it does not declare must lose some, or the declaration is too modest
 * and this suite too kind; and with all syncs swallowed (libeatmydata) there must be loss, or the
 * suite proves nothing.
 *
 * <p>Needs Linux, root, loop devices, e2fsprogs and libeatmydata, and fails without them: it is no
 * part of {@link WholeContract} and runs when it is asked for ({@code ./mq test --power-cuts}).
 * {@code escrowmq.power.cuts} cuts, 30 by default; {@code escrowmq.seed} repeats the batches,
 * though not the moment of the cut.
 */
@Tag("power-cuts")
public abstract class PowerCutContract {

  private static final int CUTS = Integer.getInteger("escrowmq.power.cuts", 30);
  private static final int CONTROL_CUTS = 10;
  private static final String SYNC_SWALLOWER = "libeatmydata.so";
  private static final List<Path> LIBRARIES = List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"));

  @TempDir Path scratch;

  /** The engine; its options must not depend on a directory that is not on the disk. */
  protected abstract EngineUnderTest engine();

  /** The database that the engine needs. */
  protected Companion companion() {
    return Companion.NONE;
  }

  @Test
  void durableWritesKeepTheDeclaration() throws IOException {
    keepTheDeclaration(Durability.DURABLE);
  }

  @Test
  void writtenWritesKeepTheDeclaration() throws IOException {
    keepTheDeclaration(Durability.WRITTEN);
  }

  private void keepTheDeclaration(Durability durability) throws IOException {
    try (PowerCuts cuts = cuts(durability, Map.of())) {
      if (cuts.isSurvivalDeclared()) {
        cuts.surviveAll(CUTS);
      } else {
        assertThat(cuts.countLoss(CUTS / 2))
            .as("acknowledged batches lost at %s, which is not declared to keep them", durability)
            .isPositive();
      }
    }
  }

  /** The negative control: the same cuts, and nobody syncs. */
  @Test
  void withoutSyncsThereIsLoss() throws IOException {
    Map<String, String> environment = Map.of("LD_PRELOAD", syncSwallower().toString());
    try (PowerCuts cuts = cuts(Durability.DURABLE, environment)) {
      assertThat(cuts.isLossShown(CONTROL_CUTS))
          .as("loss with %s in place of all syncs, in %s cuts", SYNC_SWALLOWER, CONTROL_CUTS)
          .isTrue();
    }
  }

  private PowerCuts cuts(Durability durability, Map<String, String> environment) {
    long seed = Seeds.seed("PowerCutContract " + engine().provider().id() + " " + durability);
    String name = getClass().getSimpleName().replace("PowerCutTest", "");
    return new PowerCuts(
        engine(), companion(), durability, environment, new PowerCuts.Run(name, scratch, seed));
  }

  private static Path syncSwallower() throws IOException {
    List<Path> places = new ArrayList<>();
    for (Path libraries : LIBRARIES) {
      if (Files.isDirectory(libraries)) {
        places.addAll(find(libraries));
      }
    }
    if (places.isEmpty()) {
      throw new IOException(
          "no "
              + SYNC_SWALLOWER
              + " below "
              + LIBRARIES
              + ": without it nothing shows that the power cuts are sharp. Install"
              + " it, on Debian and Ubuntu with apt-get install libeatmydata1.");
    }
    return places.getFirst();
  }

  private static List<Path> find(Path libraries) throws IOException {
    try (Stream<Path> found =
        Files.find(
            libraries, 3, (path, about) -> path.getFileName().toString().equals(SYNC_SWALLOWER))) {
      return found.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
