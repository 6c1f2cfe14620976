package io.escrowmq.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.StorageContract;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rocksdb.Status;

/** A failed write makes the store read-only for ever; nothing is tried again. */
class FailedWriteTest extends StorageContract {

  private final Detour detour = new Detour();

  @Override
  protected EngineUnderTest engine() {
    return detour;
  }

  @Test
  void afterAFailedWriteOnlyReadsGoOn() {
    append(ORDERS, "kept");
    detour.failAfter(0, Status.SubCode.None);
    assertThatThrownBy(() -> append(ORDERS, "lost"))
        .isInstanceOfSatisfying(
            StorageException.Unavailable.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(StorageException.Kind.FATAL);
              assertThat(failure.remedy()).contains("restart");
            });
    detour.heal();
    assertThatThrownBy(() -> append(ORDERS, "refused"))
        .isInstanceOf(StorageException.Unavailable.class);
    StorageHealth health = storage().maintenance().health();
    assertThat(health.state()).isEqualTo(StorageHealth.State.READ_ONLY);
    assertThat(health.reason()).contains("injected");
    assertThat(health.remedy()).contains("device");
    assertThat(texts(ORDERS)).containsExactly("kept");
    assertThatThrownBy(() -> storage().maintenance().retain())
        .isInstanceOf(StorageException.Unavailable.class);
    assertThat(storage().maintenance().verify().records()).isEqualTo(1);

    fixture().reopen();
    assertThat(storage().maintenance().health()).isEqualTo(StorageHealth.UP);
    assertThat(append(ORDERS, "goes on").queueOffset()).isEqualTo(1);
    assertThat(texts(ORDERS)).isEqualTo(List.of("kept", "goes on"));
  }

  @Test
  void aFullFileSystemIsNamed() {
    detour.failAfter(0, Status.SubCode.NoSpace);
    assertThatThrownBy(() -> append(ORDERS, "lost")).hasMessageContaining("full");
    assertThat(storage().maintenance().health().reason()).contains("the file system is full");
  }
}
