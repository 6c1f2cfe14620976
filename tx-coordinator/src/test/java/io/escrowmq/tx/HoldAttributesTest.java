package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HoldAttributesTest {

  private static final HoldAttributes FULL =
      new HoldAttributes(
          "bänk",
          "key",
          "me@1",
          3,
          1_700_000_000_001L,
          1_700_000_000_002L,
          1_700_000_000_003L,
          Optional.of(Decision.COMMIT),
          Optional.of(ParkReason.TOO_OLD),
          "you@2",
          1_700_000_000_004L,
          MessageRules.NONE);

  @Test
  void survivesTheRoundTrip() {
    assertThat(HoldAttributes.decode(FULL.encode())).contains(FULL);
  }

  @Test
  void rulesOfTheMessageItselfFollowInVersionTwo() {
    HoldAttributes ruled =
        new HoldAttributes(
            FULL.producerGroup(),
            FULL.uniqueKey(),
            FULL.sender(),
            FULL.attempts(),
            FULL.heldAtMs(),
            FULL.firstCheckAtMs(),
            FULL.deliverAtMs(),
            FULL.decided(),
            FULL.parked(),
            FULL.lastAsked(),
            FULL.lastAskedAtMs(),
            new MessageRules(7, -1, 300));
    assertThat(HoldAttributes.decode(ruled.encode())).contains(ruled);
    assertThat(ruled.encode().toString())
        .isEqualTo(
            FULL.encode().toString().replaceFirst("5401", "5402") + "00000007ffffffff0000012c");
  }

  @Test
  void keepsItsLayout() {
    assertThat(FULL.encode().toString())
        .isEqualTo(
            "54010102" // magic, version, decided, parked
                + "00000003" // attempts
                + "0000018bcfe56801" // held at
                + "0000018bcfe56802" // first check at
                + "0000018bcfe56803" // deliver at
                + "0000018bcfe56804" // last asked at
                + "0562c3a46e6b" // group
                + "036b6579" // unique key
                + "046d654031" // sender
                + "05796f754032"); // last asked
  }

  @Test
  void foreignAttributesAreNotOurs() {
    assertThat(HoldAttributes.decode(Bytes.EMPTY)).isEmpty();
    assertThat(HoldAttributes.decode(Bytes.utf8("T"))).isEmpty();
    assertThat(HoldAttributes.decode(Bytes.utf8("x".repeat(100)))).isEmpty();
  }

  @Test
  void aNewerVersionSaysWhatToDo() {
    byte[] bytes = FULL.encode().toArray();
    bytes[1] = 3;
    assertThatThrownBy(() -> HoldAttributes.decode(Bytes.wrap(bytes)))
        .hasMessageContaining("version 3, known is 2");
  }

  @Test
  void theLongestTextsFitAndStayDistinct() {
    try (Scene scene = new Scene()) {
      String longKey = "ключ".repeat(2_000);
      HalfMessage half =
          scene.half("g".repeat(255), "c".repeat(4_000), Scene.QUEUE, longKey, 1, "body");
      HoldAttributes attributes =
          HoldAttributes.fresh(half, MessageRules.NONE, 1, 2).asked("d".repeat(4_000), 3);

      assertThat(attributes.encode().size()).isLessThan(Mutation.Hold.MAX_ATTRIBUTES_BYTES);
      assertThat(HoldAttributes.decode(attributes.encode())).contains(attributes);
      assertThat(attributes.sameOrigin(half)).isTrue();
      HalfMessage other = scene.half("g".repeat(255), "c", Scene.QUEUE, longKey + "x", 1, "body");
      assertThat(attributes.sameOrigin(other)).isFalse();
    }
  }
}
