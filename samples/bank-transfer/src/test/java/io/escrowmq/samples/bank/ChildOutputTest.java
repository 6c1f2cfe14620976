package io.escrowmq.samples.bank;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ChildOutputTest {
  @TempDir Path folder;

  @Test
  @Timeout(60)
  void lastWordsAreReadThoughTheExitWasNoticedFirst() throws Exception {
    Process child = new ProcessBuilder("sh", "-c", "echo first; echo last; exit 3").start();
    CompletableFuture<Void> exitNoticed = new CompletableFuture<>();
    // The reader gets no further than the first line until the child is gone.
    ChildOutput output =
        ChildOutput.follow(child, folder.resolve("log"), line -> exitNoticed.join());
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output.lastLines()).doesNotContain("last");

    exitNoticed.completeOnTimeout(null, 200, TimeUnit.MILLISECONDS);

    assertThat(output.lastWords(Duration.ofSeconds(30))).containsExactly("first", "last");
  }
}
