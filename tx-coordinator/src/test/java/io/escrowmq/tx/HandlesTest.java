package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandlesTest {

  private final Scene scene = new Scene();
  private final Handles handles = new Handles(new byte[32], Randomness.system());

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void everyIngredientMatters() {
    HalfMessage half = scene.half("k");
    byte[] otherSecret = new byte[32];
    otherSecret[31] = 1;
    Set<Handle> distinct = new HashSet<>();
    distinct.add(handles.of(half, "k", 0));
    distinct.add(handles.of(half, "k", 1));
    distinct.add(handles.of(half, "l", 0));
    distinct.add(handles.of(scene.half("bankk", "sender", Scene.QUEUE, "", 0), "", 0));
    distinct.add(handles.of(scene.half("bank", "s", Scene.QUEUE, "k", 0, "other"), "k", 0));
    distinct.add(new Handles(otherSecret, Randomness.system()).of(half, "k", 0));

    assertThat(distinct).hasSize(6);
    assertThat(handles.of(half, "k", 0)).isEqualTo(handles.of(half, "k", 0));
  }

  @Test
  void staysTheSameForEver() {
    assertThat(handles.of(scene.half("k"), "k", 0))
        .as("handles in stores and clients would no longer be found")
        .isEqualTo(Handle.parse("551935846b703af749ef6e697ecdeb32"));
  }

  @Test
  void handlesOfOneKeyLieTogetherAndDifferInTheRest() {
    for (int i = 0; i < 100; i++) {
      String key = "key-" + i;
      long prefix = Handles.prefix(key);
      Set<Handle> all =
          Set.of(
              handles.of(scene.half(key), key, 0),
              handles.of(scene.half(key), key, 1),
              handles.of(scene.half("bank", "s", Scene.QUEUE, key, 0, "other"), key, 0),
              handles.joint("bank", key));
      assertThat(all)
          .allMatch(handle -> Handles.hasPrefix(handle.holdId(), prefix))
          .allMatch(handle -> Handles.before(prefix).compareTo(handle.holdId()) < 0);
      assertThat(Handles.hasPrefix(Handles.before(prefix), prefix)).isFalse();
      assertThat(all).extracting(Handle::b).doesNotHaveDuplicates();
      assertThat(Handles.prefix("other-" + i)).isNotEqualTo(prefix);
    }
  }

  @Test
  void bothHalvesArePositive() {
    for (int i = 0; i < 1_000; i++) {
      Handle handle = handles.fresh();
      assertThat(handle.a()).isNotNegative();
      assertThat(handle.b()).isNotNegative();
      assertThat(Handle.parse(handle.toString())).isEqualTo(handle);
      assertThat(Handle.of(handle.holdId())).contains(handle);
    }
    assertThatThrownBy(() -> new Handle(-1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSecretIsMadeOnceAndStays() {
    byte[] first = ServerSecret.load(scene.storage(), Randomness.system());
    assertThat(ServerSecret.load(scene.storage(), Randomness.system())).isEqualTo(first);
    assertThat(first).hasSize(32);
  }
}
