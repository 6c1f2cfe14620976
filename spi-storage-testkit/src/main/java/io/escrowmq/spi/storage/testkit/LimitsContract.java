package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * What is over a limit is refused whole, with a typed error; what is within every limit is taken.
 */
public abstract class LimitsContract extends StorageContract {

  private static final int MEBIBYTE = 1024 * 1024;

  @Test
  void oversizedPartsAreRefused() {
    Bytes attributes = Bytes.wrap(new byte[Mutation.Hold.MAX_ATTRIBUTES_BYTES + 1]);
    Bytes key = Bytes.wrap(new byte[Tables.MAX_KEY_BYTES + 1]);
    Bytes value = Bytes.wrap(new byte[Tables.MAX_VALUE_BYTES + 1]);
    assertTooLarge(new Mutation.Put(TABLE, key, Bytes.EMPTY));
    assertTooLarge(new Mutation.Delete(TABLE, key));
    assertTooLarge(new Mutation.Put(TABLE, Bytes.utf8("k"), value));
    Message message = SampleMessages.message(ORDERS, "x");
    assertTooLarge(new Mutation.Hold(id(1), ORDERS, message, HoldKind.DELAY, 1, attributes));
    hold(id(2), ORDERS, "held");
    assertTooLarge(new Mutation.Reschedule(id(2), HoldKind.DELAY, 1, attributes));
  }

  @Test
  void theLargestAttributesFit() {
    byte[] bytes = new byte[Mutation.Hold.MAX_ATTRIBUTES_BYTES];
    java.util.Arrays.fill(bytes, (byte) 0xC3);
    Bytes attributes = Bytes.of(bytes);
    Message message = SampleMessages.message(ORDERS, "x");
    apply(new Mutation.Hold(id(1), ORDERS, message, HoldKind.DELAY, 1, attributes));
    assertThat(storage().escrow().get(id(1)).orElseThrow().entry().attributes())
        .isEqualTo(attributes);
  }

  @Test
  void tooManyMutationsAreRefusedAndTheMostAreTaken() {
    List<Mutation> most = new ArrayList<>();
    for (int i = 0; i < WriteBatch.MAX_MUTATIONS; i++) {
      most.add(new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m" + i)));
    }
    List<Mutation> tooMany = new ArrayList<>(most);
    tooMany.add(putOf("one", "too many"));
    assertTooLarge(tooMany.toArray(Mutation[]::new));
    assertThat(bounds(ORDERS)).isEqualTo(QueueBounds.EMPTY);

    apply(most.toArray(Mutation[]::new));
    assertThat(texts(ORDERS)).hasSize(WriteBatch.MAX_MUTATIONS).startsWith("m0").endsWith("m4095");
  }

  @Test
  void tooManyBytesAreRefusedAndTheMostAreTaken() {
    Mutation append = new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, MEBIBYTE));
    List<Mutation> tooLarge = new ArrayList<>(Collections.nCopies(16, append));
    assertTooLarge(tooLarge.toArray(Mutation[]::new));
    assertThat(bounds(ORDERS)).isEqualTo(QueueBounds.EMPTY);

    apply(tooLarge.subList(0, 15).toArray(Mutation[]::new));
    Message sent = SampleMessages.sized(ORDERS, MEBIBYTE);
    assertThat(readAll(ORDERS))
        .hasSize(15)
        .allMatch(read -> SampleMessages.unstamped(read).equals(sent));
  }

  @Test
  void oneMessageMayFillABatch() {
    Message sent = SampleMessages.sized(ORDERS, WriteBatch.MAX_BYTES - 1024);
    append(ORDERS, "before");
    apply(new Mutation.Append(ORDERS, sent));
    apply(new Mutation.Hold(id(1), ORDERS, sent, HoldKind.DELAY, 1, Bytes.EMPTY));
    append(ORDERS, "between");
    apply(new Mutation.Release(id(1)));
    List<Message> all = readAll(ORDERS);
    assertThat(all).hasSize(4);
    assertThat(SampleMessages.unstamped(all.get(1)).equals(sent)).isTrue();
    assertThat(SampleMessages.unstamped(all.get(3)).equals(sent)).isTrue();
    assertTooLarge(new Mutation.Append(ORDERS, SampleMessages.sized(ORDERS, WriteBatch.MAX_BYTES)));
  }

  @Test
  void aMutationThatContradictsItselfIsRefused() {
    Message message = SampleMessages.message(ORDERS, "x");
    assertIllegal(new Mutation.Append(ORDERS_1, message));
    assertIllegal(new Mutation.Append(PAYMENTS, message));
    assertIllegal(new Mutation.Hold(id(1), PAYMENTS, message, HoldKind.DELAY, 1, Bytes.EMPTY));
    assertThat(bounds(PAYMENTS)).isEqualTo(QueueBounds.EMPTY);
  }

  @Test
  void impossibleTableNamesAndKeysAreRefused() {
    for (String name :
        new String[] {"", "Upper", "under_score", "a/b", "..", "x".repeat(65), "ü"}) {
      assertIllegal(new Mutation.Put(name, Bytes.utf8("k"), Bytes.EMPTY));
      assertIllegal(new Mutation.Delete(name, Bytes.utf8("k")));
    }
    assertIllegal(new Mutation.Put(TABLE, Bytes.EMPTY, Bytes.EMPTY));
  }

  @Test
  void aRefusalComesThroughTheStage() {
    Bytes value = Bytes.wrap(new byte[Tables.MAX_VALUE_BYTES + 1]);
    CompletionStage<WriteReceipt> stage =
        storage().write(WriteBatch.of(new Mutation.Put(TABLE, Bytes.utf8("k"), value)));
    assertThatThrownBy(() -> await(stage))
        .isInstanceOfSatisfying(
            StorageException.TooLarge.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(StorageException.Kind.USER);
              assertThat(refused.getMessage()).isNotBlank();
              assertThat(refused.remedy()).isNotBlank();
            });
  }

  @Test
  void replicationIsRefusedWhereThereIsNone() {
    boolean replicated = storage().capabilities().contains(Capability.REPLICATION);
    fixture().close();
    fixture().settings(LimitsContract::replicated);
    if (replicated) {
      fixture().open();
    } else {
      assertThatThrownBy(() -> fixture().open()).isInstanceOf(RuntimeException.class);
    }
  }

  private static StorageSettings replicated(StorageSettings settings) {
    return new StorageSettings(
        settings.directory(),
        Durability.REPLICATED,
        settings.decisionRetention(),
        settings.retention(),
        settings.options());
  }

  private void assertTooLarge(Mutation... mutations) {
    assertThatThrownBy(() -> write(mutations)).isInstanceOf(StorageException.TooLarge.class);
  }

  /** A programming error: thrown at once or through the stage, as the engine likes. */
  private void assertIllegal(Mutation mutation) {
    assertThatThrownBy(() -> write(mutation))
        .as("%s", mutation)
        .isInstanceOf(IllegalArgumentException.class);
  }
}
