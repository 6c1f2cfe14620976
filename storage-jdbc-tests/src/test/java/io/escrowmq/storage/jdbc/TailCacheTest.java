package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.Seeds;
import io.escrowmq.storage.jdbc.Overlay.Head;
import io.escrowmq.storage.jdbc.Overlay.IdState;
import io.escrowmq.storage.jdbc.Overlay.Visible;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the cache gives is what was committed, whatever it forgot. */
class TailCacheTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final QueueId OTHER = new QueueId("orders", 1);
  private static final HoldId HOLD = new HoldId(1, 2);
  private static final ReadLimits MANY = new ReadLimits(100, 1 << 20);

  private final Heads heads = new Heads();
  private long position;

  @Test
  void theNewestMessagesOfAllQueuesStayWithinTheBytes() {
    TailCache cache = new TailCache(100_000);
    for (int i = 0; i < 1_000; i++) {
      cache.keep(appended(QUEUE, "m" + i));
      cache.keep(appended(OTHER, "o" + i));
      assertThat(cache.bytes()).isLessThanOrEqualTo(100_000);
    }
    assertThat(texts(cache, QUEUE, 990)).containsExactlyElementsOf(texts("m", 990, 1_000));
    assertThat(texts(cache, OTHER, 990)).containsExactlyElementsOf(texts("o", 990, 1_000));
    assertThat(texts(cache, QUEUE, 0)).isEmpty();
    assertThat(cache.read(QUEUE, 1_000, 1_000, MANY)).isEmpty();
    assertThat(cache.hits()).isEqualTo(2);
    assertThat(cache.misses()).isEqualTo(2);
  }

  @Test
  void pagesKeepTheirLimitsAndEndBeforeWhatIsNotPublished() {
    TailCache cache = new TailCache(1 << 20);
    for (int i = 0; i < 20; i++) {
      cache.keep(appended(QUEUE, "m" + i));
    }
    int size = cache.read(QUEUE, 0, 20, MANY).getFirst().size();
    assertThat(cache.read(QUEUE, 3, 20, new ReadLimits(4, 1 << 20))).hasSize(4);
    assertThat(cache.read(QUEUE, 0, 20, new ReadLimits(9, 3 * size))).hasSize(3);
    assertThat(cache.read(QUEUE, 0, 20, new ReadLimits(9, 1))).hasSize(1);
    assertThat(cache.read(QUEUE, 15, 17, MANY)).hasSize(2);
    Message message = cache.read(QUEUE, 7, 20, MANY).getFirst();
    assertThat(message.queueOffset()).isEqualTo(7);
    assertThat(message.position()).isEqualTo(8);
    assertThat(message.storeTimeMs()).isEqualTo(77);
  }

  @Test
  void aReleasedMessageIsThereIfItsHoldWas() {
    TailCache cache = new TailCache(1 << 20);
    cache.keep(appended(QUEUE, "before"));
    cache.keep(held("half"));
    assertThat(texts(cache, QUEUE, 0)).containsExactly("before");
    cache.keep(released());
    assertThat(texts(cache, QUEUE, 0)).containsExactly("before", "half");
    assertThat(cache.read(QUEUE, 1, 2, MANY).getFirst().queueOffset()).isEqualTo(1);
  }

  @Test
  void afterAReleaseOfAnUnknownHoldTheRunBeginsAgain() {
    TailCache cache = new TailCache(1 << 20);
    cache.keep(appended(QUEUE, "before"));
    cache.keep(released());
    cache.keep(appended(QUEUE, "after"));
    assertThat(texts(cache, QUEUE, 0)).isEmpty();
    assertThat(texts(cache, QUEUE, 1)).isEmpty();
    assertThat(texts(cache, QUEUE, 2)).containsExactly("after");
  }

  @Test
  void decidedHoldsCostNothingForEver() {
    TailCache cache = new TailCache(10_000);
    for (int i = 0; i < 10_000; i++) {
      cache.keep(held("half"));
      cache.keep(decided(new Overlay(new Counters(), heads)));
      assertThat(cache.bytes()).isBetween(0L, 10_000L);
    }
    cache.clear();
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void noMemoryNoCache() {
    TailCache cache = new TailCache(0);
    cache.keep(appended(QUEUE, "m"));
    assertThat(texts(cache, QUEUE, 0)).isEmpty();
  }

  @Test
  void whateverHappensItIsRightOrSilent() {
    Random random = new Random(Seeds.seed("TailCacheTest"));
    TailCache cache = new TailCache(20_000);
    Map<QueueId, List<String>> model = new HashMap<>();
    String half = "";
    for (int step = 0; step < 20_000; step++) {
      QueueId queue = random.nextInt(3) == 0 ? OTHER : QUEUE;
      List<String> all = model.computeIfAbsent(queue, ignored -> new ArrayList<>());
      switch (random.nextInt(20)) {
        case 0 -> {
          half = "half" + step;
          cache.keep(held(half));
        }
        case 1 -> {
          cache.keep(released());
          model.computeIfAbsent(QUEUE, ignored -> new ArrayList<>()).add(half);
        }
        case 2 -> {
          if (random.nextInt(50) == 0) {
            cache.clear();
          }
        }
        case 3, 4, 5, 6, 7 -> {
          int from = Math.max(0, all.size() - random.nextInt(60));
          List<String> found = texts(cache, queue, from);
          assertThat(found).isEqualTo(all.subList(from, from + found.size()));
        }
        default -> {
          all.add("m" + step);
          cache.keep(appended(queue, "m" + step));
        }
      }
      assertThat(cache.bytes()).isBetween(0L, 20_000L);
    }
    assertThat(cache.hits()).isPositive();
    assertThat(cache.misses()).isPositive();
  }

  private Overlay appended(QueueId queue, String text) {
    Overlay overlay = new Overlay(new Counters(), heads);
    MessageRow row = MessageRow.of(SampleMessages.message(queue, text));
    show(overlay, queue, row, null);
    return overlay;
  }

  private Overlay held(String text) {
    Overlay overlay = new Overlay(new Counters(), heads);
    IdState state = new IdState(null, HoldStatus.UNKNOWN);
    MessageRow row = MessageRow.of(SampleMessages.message(QUEUE, text));
    state.held = new HeldRow(QUEUE, HoldKind.TRANSACTION, 1, 1, Bytes.utf8(""), 1, "{}", row);
    overlay.ids.put(HOLD, state);
    return overlay;
  }

  private Overlay released() {
    Overlay overlay = new Overlay(new Counters(), heads);
    show(overlay, QUEUE, null, HOLD);
    return decided(overlay);
  }

  private Overlay decided(Overlay overlay) {
    overlay.ids.put(HOLD, new IdState(null, HoldStatus.UNKNOWN));
    return overlay;
  }

  private void show(
      Overlay overlay, QueueId queue, @Nullable MessageRow row, @Nullable HoldId hold) {
    Head head = overlay.head(queue);
    overlay.visible.add(new Visible(head, head.next++, ++position, 77, row, hold, "{}"));
    heads.publish(queue, head.after());
  }

  private List<String> texts(TailCache cache, QueueId queue, long from) {
    return cache.read(queue, from, heads.bounds(queue).max(), MANY).stream()
        .map(SampleMessages::textOf)
        .toList();
  }

  private static List<String> texts(String prefix, int from, int to) {
    List<String> texts = new ArrayList<>();
    for (int i = from; i < to; i++) {
      texts.add(prefix + i);
    }
    return texts;
  }
}
