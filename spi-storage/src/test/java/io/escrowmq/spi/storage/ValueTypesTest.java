package io.escrowmq.spi.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The small values of the SPI: their order, their limits, their text. */
class ValueTypesTest {

  @Test
  void bytesAreOrderedAsUnsigned() {
    List<Bytes> ordered =
        List.of(
            Bytes.EMPTY,
            Bytes.of((byte) 0),
            Bytes.of((byte) 0, (byte) 0),
            Bytes.of((byte) 0x7F),
            Bytes.of((byte) 0x80),
            Bytes.of((byte) 0xFF),
            Bytes.of((byte) 0xFF, (byte) 0));
    assertThat(ordered.reversed().stream().sorted().toList()).isEqualTo(ordered);
  }

  @Test
  void bytesAreImmutableValues() {
    byte[] array = {1, 2, 3};
    Bytes bytes = Bytes.of(array);
    array[0] = 9;
    bytes.toArray()[1] = 9;
    assertThat(bytes).isEqualTo(Bytes.of((byte) 1, (byte) 2, (byte) 3));
    assertThat(bytes).hasSameHashCodeAs(Bytes.wrap(new byte[] {1, 2, 3}));
    assertThat(bytes.size()).isEqualTo(3);
    assertThat(bytes).hasToString("010203");
    assertThat(Bytes.utf8("\u00fc").asUtf8()).isEqualTo("\u00fc");
    assertThat(Bytes.of()).isSameAs(Bytes.EMPTY);
  }

  @Test
  void bytesKnowTheirPrefixes() {
    Bytes bytes = Bytes.utf8("abc");
    assertThat(bytes.startsWith(Bytes.EMPTY)).isTrue();
    assertThat(bytes.startsWith(Bytes.utf8("ab"))).isTrue();
    assertThat(bytes.startsWith(bytes)).isTrue();
    assertThat(bytes.startsWith(Bytes.utf8("abcd"))).isFalse();
    assertThat(bytes.startsWith(Bytes.utf8("b"))).isFalse();
  }

  @Test
  void holdIdsAreOrderedAsTwoUnsignedNumbers() {
    List<HoldId> ordered =
        List.of(
            new HoldId(0, 0),
            new HoldId(0, Long.MAX_VALUE),
            new HoldId(0, -1),
            new HoldId(1, 0),
            new HoldId(Long.MIN_VALUE, 0),
            new HoldId(-1, -1));
    assertThat(ordered.reversed().stream().sorted().toList()).isEqualTo(ordered);
    assertThat(ordered.stream().map(HoldId::toString).toList()).isSorted();
  }

  @Test
  void aHoldIdIsReadFromItsText() {
    HoldId id = new HoldId(0x0123456789ABCDEFL, -2);
    assertThat(id).hasToString("0123456789abcdeffffffffffffffffe");
    assertThat(HoldId.parse(id.toString())).isEqualTo(id);
    for (String wrong : new String[] {"", "0", "g".repeat(32), "0".repeat(33)}) {
      assertThatIllegalArgumentException().isThrownBy(() -> HoldId.parse(wrong));
    }
  }

  @Test
  void storedCodesNeverChange() {
    assertThat(Stream.of(HoldKind.values()).map(kind -> kind + "=" + kind.code()))
        .containsExactly("TRANSACTION=1", "DELAY=2", "PARKED=3", "MEMBER=4");
    for (HoldKind kind : HoldKind.values()) {
      assertThat(HoldKind.ofCode(kind.code())).isEqualTo(kind);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> HoldKind.ofCode(0));
  }

  @Test
  void queuesHaveAPlausibleName() {
    assertThat(new QueueId("a", 2)).isLessThan(new QueueId("a", 10));
    assertThat(new QueueId("a", 10)).isLessThan(new QueueId("b", 0));
    assertThat(new QueueId("a", 2)).hasToString("a-2");
    assertThatIllegalArgumentException().isThrownBy(() -> new QueueId("", 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new QueueId("a", -1));
    assertThatIllegalArgumentException().isThrownBy(() -> new QueueId("a".repeat(256), 0));
  }

  @Test
  void limitsArePositive() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ReadLimits(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ReadLimits(1, 0));
  }

  @Test
  void aBatchHasMutations() {
    assertThatIllegalArgumentException().isThrownBy(() -> WriteBatch.of());
    WriteBatch batch =
        WriteBatch.builder()
            .add(new Mutation.Release(new HoldId(1, 2)))
            .durability(Durability.WRITTEN)
            .build();
    assertThat(batch.mutations()).hasSize(1);
    assertThat(batch.durability()).contains(Durability.WRITTEN);
    assertThat(WriteBatch.of(batch.mutations().getFirst()).durability())
        .isEqualTo(Optional.empty());
  }

  @Test
  void settingsHaveDefaults() {
    StorageSettings settings = StorageSettings.defaults(Path.of("data"));
    assertThat(settings.durability()).isEqualTo(Durability.DURABLE);
    assertThat(settings.decisionRetention()).isEqualTo(Duration.ofDays(7));
    assertThat(settings.retention().maxAge()).isEqualTo(Duration.ofDays(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new StorageSettings(
                Path.of("data"),
                Durability.DURABLE,
                Duration.ZERO,
                RetentionPolicy.DEFAULT,
                Map.of()));
  }

  @Test
  void everyErrorSaysWhatToDo() {
    List<StorageException> errors =
        List.of(
            new StorageException.Fenced("scope", 1, 2),
            new StorageException.Overloaded("ring full", Duration.ofMillis(5)),
            new StorageException.Full("disk full"),
            new StorageException.Corrupt("bad frame"),
            new StorageException.Unavailable(
                StorageException.Kind.FATAL, "sync failed", "Restart."),
            new StorageException.TooLarge("the key", 2, 1),
            new StorageException.Closed());
    assertThat(errors)
        .allSatisfy(error -> {
          assertThat(error.getMessage()).isNotBlank();
          assertThat(error.remedy()).isNotBlank();
          assertThat(error.kind()).isNotNull();
        });
  }

  @Test
  void onlyTwoStatesAcceptWrites() {
    assertThat(
            Stream.of(StorageHealth.State.values())
                .filter(state -> new StorageHealth(state, "", "").writable()))
        .containsExactly(StorageHealth.State.UP, StorageHealth.State.DEGRADED);
  }
}
