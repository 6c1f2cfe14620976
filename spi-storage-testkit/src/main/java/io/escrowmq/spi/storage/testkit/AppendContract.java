package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Appends: dense offsets in receipt order, exact bytes, positions, store times. */
public abstract class AppendContract extends StorageContract {

  @Test
  void theFirstMessageGetsOffsetZeroAndIsReadable() {
    Message sent = SampleMessages.message(ORDERS, "first");
    WriteReceipt receipt = write(new Mutation.Append(ORDERS, sent));

    assertThat(receipt.applied()).isTrue();
    assertThat(receipt.outcomes()).hasSize(1);
    Outcome outcome = receipt.outcome(0);
    assertThat(outcome.result()).isEqualTo(Outcome.Result.APPLIED);
    assertThat(outcome.queueOffset()).isZero();
    assertThat(receipt.storeTimeMs()).isEqualTo(time().nowMs());

    Message read = readAll(ORDERS).getFirst();
    assertThat(read).isEqualTo(sent.stamped(0, outcome.position(), receipt.storeTimeMs()));
    assertThat(storage().log().at(outcome.position())).contains(read);
  }

  @Test
  void eachQueueCountsForItself() {
    for (int i = 0; i < 5; i++) {
      assertThat(append(ORDERS, "a" + i).queueOffset()).isEqualTo(i);
      assertThat(append(PAYMENTS, "b" + i).queueOffset()).isEqualTo(i);
    }
    assertThat(texts(ORDERS)).containsExactly("a0", "a1", "a2", "a3", "a4");
    assertThat(texts(PAYMENTS)).containsExactly("b0", "b1", "b2", "b3", "b4");
    assertThat(bounds(ORDERS_1).max()).isZero();
  }

  @Test
  void appendsOfOneBatchFollowEachOther() {
    append(ORDERS, "before");
    WriteReceipt receipt =
        write(
            new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "x")),
            new Mutation.Append(PAYMENTS, SampleMessages.message(PAYMENTS, "p")),
            new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "y")));

    assertThat(receipt.outcomes()).extracting(Outcome::queueOffset).containsExactly(1L, 0L, 2L);
    assertThat(receipt.outcomes()).extracting(Outcome::position).doesNotHaveDuplicates();
    assertThat(texts(ORDERS)).containsExactly("before", "x", "y");
    assertThat(readAll(ORDERS)).extracting(Message::position).doesNotHaveDuplicates();
  }

  @Test
  void offsetsAreDenseAndMatchTheReceiptsUnderConcurrency() {
    int threads = 8;
    int each = 300;
    QueueId[] queues = {ORDERS, ORDERS_1, PAYMENTS};
    Map<String, Outcome> acknowledged = new ConcurrentHashMap<>();
    ParallelRun.of(
        threads,
        thread -> {
          List<CompletableFuture<?>> pending = new ArrayList<>();
          for (int i = 0; i < each; i++) {
            String text = thread + ":" + i;
            QueueId queue = queues[i % queues.length];
            WriteBatch batch =
                WriteBatch.of(new Mutation.Append(queue, SampleMessages.message(queue, text)));
            pending.add(
                storage()
                    .write(batch)
                    .thenAccept(receipt -> acknowledged.put(text, receipt.outcome(0)))
                    .toCompletableFuture());
          }
          pending.forEach(StorageContract::await);
        });

    assertThat(acknowledged).hasSize(threads * each);
    int read = 0;
    for (QueueId queue : queues) {
      for (Message message : readAll(queue)) {
        Outcome outcome = acknowledged.get(SampleMessages.textOf(message));
        assertThat(outcome).isEqualTo(Outcome.appended(message.queueOffset(), message.position()));
        read++;
      }
    }
    assertThat(read).isEqualTo(threads * each);
  }

  @Test
  void oneThreadsAppendsKeepTheirOrder() {
    int count = 2000;
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pending.add(
          storage()
              .write(
                  WriteBatch.of(
                      new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m" + i))))
              .toCompletableFuture());
    }
    for (int i = 0; i < count; i++) {
      assertThat(await(pending.get(i)).outcome(0).queueOffset()).isEqualTo(i);
    }
    List<String> texts = texts(ORDERS);
    for (int i = 0; i < count; i++) {
      assertThat(texts.get(i)).isEqualTo("m" + i);
    }
  }

  @Test
  void receiptsOfAQueueArriveInOrder() {
    int count = 2000;
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    AtomicInteger overtaken = new AtomicInteger();
    CompletableFuture<WriteReceipt> before = CompletableFuture.completedFuture(null);
    for (int i = 0; i < count; i++) {
      CompletableFuture<WriteReceipt> previous = before;
      before =
          storage()
              .write(
                  WriteBatch.of(
                      new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m" + i))))
              .whenComplete((receipt, failure) -> {
                if (!previous.isDone()) {
                  overtaken.incrementAndGet();
                }
              })
              .toCompletableFuture();
      pending.add(before);
    }
    pending.forEach(StorageContract::await);
    assertThat(overtaken).as("receipts that overtook the one before").hasValue(0);
  }

  @Test
  void aReceiptMeansReadable() {
    ParallelRun.of(
        4,
        thread -> {
          QueueId queue = new QueueId("orders", thread % 2);
          for (int i = 0; i < 50; i++) {
            Outcome outcome = append(queue, "t" + thread);
            assertThat(bounds(queue).max()).isGreaterThan(outcome.queueOffset());
            assertThat(storage().log().at(outcome.position()))
                .map(SampleMessages::textOf)
                .contains("t" + thread);
          }
        });
  }

  @Test
  void storeTimeNeverGoesBack() {
    long start = time().nowMs();
    append(ORDERS, "a");
    time().advanceMs(5_000);
    append(ORDERS, "b");
    time().stepWallTo(start - 60_000);
    append(ORDERS, "c");
    time().stepWallTo(start + 10_000);
    append(ORDERS, "d");

    List<Long> times = readAll(ORDERS).stream().map(Message::storeTimeMs).toList();
    assertThat(times).isSorted();
    assertThat(times.get(0)).isEqualTo(start);
    assertThat(times.get(1)).isEqualTo(start + 5_000);
    assertThat(times.get(3)).isEqualTo(start + 10_000);
  }

  @Test
  void theCallerMayReuseItsBytesOnceWriteReturned() {
    Message original = SampleMessages.message(ORDERS, "keep me");
    ByteBuffer reused = ByteBuffer.allocate(original.size());
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      reused.clear().put(original.bytes()).flip();
      pending.add(
          storage()
              .write(WriteBatch.of(new Mutation.Append(ORDERS, Message.wrap(reused))))
              .toCompletableFuture());
      while (reused.hasRemaining()) {
        reused.put((byte) 0xEE);
      }
    }
    pending.forEach(StorageContract::await);
    assertThat(readAll(ORDERS))
        .hasSize(200)
        .allSatisfy(read -> assertThat(SampleMessages.unstamped(read)).isEqualTo(original));
  }

  @Test
  void everyShapeOfMessageComesBackByteForByte() {
    InetSocketAddress v6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 65_535);
    QueueId longest = new QueueId("t".repeat(QueueId.MAX_TOPIC_LENGTH), 0);
    QueueId unicode = new QueueId("Überweisung-转账", 3);
    List<Message> sent =
        List.of(
            SampleMessages.message(ORDERS, ""),
            SampleMessages.builder(ORDERS, "v6 producer").bornHost(v6).build(),
            SampleMessages.builder(ORDERS, "v6 both").bornHost(v6).storeHost(v6).build(),
            SampleMessages.message(longest, "two bytes of topic length"),
            SampleMessages.message(unicode, "name in UTF-8"),
            SampleMessages.indexed(ORDERS, "properties", "k1 k2", "u1"),
            SampleMessages.builder(ORDERS, "flags")
                .flag(-1)
                .systemFlag(0x8)
                .reconsumeTimes(3)
                .preparedTransactionOffset(Long.MIN_VALUE)
                .propertiesText("a\u0001" + "v".repeat(30_000) + "\u0002")
                .build(),
            SampleMessages.sized(ORDERS, 4 * 1024 * 1024));
    for (Message message : sent) {
      WriteReceipt receipt = write(new Mutation.Append(message.queueId(), message));
      assertThat(storage().log().at(receipt.outcome(0).position()).orElseThrow())
          .as("message %s", message)
          .satisfies(read -> assertThat(SampleMessages.unstamped(read).equals(message)).isTrue());
    }
    assertThat(readAll(longest)).hasSize(1);
    assertThat(readAll(unicode)).hasSize(1);
  }
}
