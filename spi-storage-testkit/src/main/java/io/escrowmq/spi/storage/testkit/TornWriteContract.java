package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.testkit.StoreImage.Change;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Damaged log files of an engine that owns files. A record that was being written when the power
 * went is cut silently, whatever is left of it. Damage to anything acknowledged gives {@link
 * StorageException.Corrupt} (from opening, reading or verification) or does not matter: never wrong
 * data, and never a silent gap. {@code escrowmq.torn.samples} positions are tried per kind of
 * damage, 25 by default; with {@code -Descrowmq.campaign=true} every position is, and every bit.
 */
public abstract class TornWriteContract extends StorageContract {

  private static final boolean CAMPAIGN = Boolean.getBoolean("escrowmq.campaign");
  private static final int SAMPLES = Integer.getInteger("escrowmq.torn.samples", 25);
  private static final int RECORDS = 8;
  private static final int EDGE = 6;

  private final Random random = new Random(Seeds.seed("TornWriteContract"));
  private int images;

  /** How many batches were acknowledged, and which of them look like a torn tail once damaged. */
  private record Expectation(int count, List<Integer> mayBeLost) {}

  @Test
  void aTornTailIsCut() throws IOException {
    if (!ownsFiles()) {
      return;
    }
    write(0, RECORDS);
    StoreImage before = image();
    write(RECORDS, RECORDS + 1);
    StoreImage after = image();
    Change record = before.changeTo(after);
    fixture().close();
    byte[] old = before.logs().getOrDefault(record.file(), new byte[0]);
    boolean appends = old.length <= record.from();

    for (int cut : positions(record)) {
      for (Tail tail : Tail.values()) {
        Path damaged = before.restoreTo(scratch("damaged"));
        tail.damage(damaged, record, old, cut, random);
        String what = tail + " after " + cut + " bytes of " + record;
        openTorn(damaged, what, tail == Tail.ENDS && !appends);
      }
    }
  }

  @Test
  void damageToAcknowledgedDataIsNeverServed() throws IOException {
    if (!ownsFiles()) {
      return;
    }
    List<Change> records = new ArrayList<>();
    for (int number = 0; number < RECORDS; number++) {
      if (number == RECORDS / 2) {
        storage().maintenance().checkpoint();
      }
      StoreImage before = image();
      write(number, number + 1);
      if (number == 1 || number == RECORDS - 2) {
        records.add(before.changeTo(image()));
      }
    }
    StoreImage acknowledged = image();
    fixture().close();
    for (Change record : records) {
      for (int position : positions(record)) {
        flip(acknowledged, record, position, new Expectation(RECORDS, List.of()));
      }
    }
  }

  @Test
  void damageToTheLastRecordIsNeverServed() throws IOException {
    if (!ownsFiles()) {
      return;
    }
    write(0, RECORDS);
    StoreImage before = image();
    write(RECORDS, RECORDS + 1);
    StoreImage acknowledged = image();
    Change record = before.changeTo(acknowledged);
    fixture().close();
    for (int position : positions(record)) {
      flip(acknowledged, record, position, new Expectation(RECORDS + 1, List.of(RECORDS)));
    }
  }

  @Test
  void damageAfterACleanCloseIsNoticed() throws IOException {
    if (!ownsFiles()) {
      return;
    }
    write(0, RECORDS);
    StoreImage before = image();
    write(RECORDS, RECORDS + 1);
    Change record = before.changeTo(image());
    fixture().close();
    StoreImage closed = image();
    Expectation everything = new Expectation(RECORDS + 1, List.of());
    for (int position : positions(record)) {
      flip(closed, record, position, everything);
      Path damaged = closed.restoreTo(scratch("damaged"));
      overwrite(damaged, record, position, new byte[record.length() - position]);
      openDamaged(damaged, "zeros from " + position + " of " + record, everything);
    }
  }

  /** How the rest of a half-written record looks. */
  private enum Tail {
    /** As it was before, for example preallocated zeros. */
    UNCHANGED,
    /** Whatever the device left there. */
    GARBAGE,
    /** The file ends. */
    ENDS;

    void damage(Path store, Change record, byte[] old, int cut, Random random) throws IOException {
      byte[] rest = new byte[record.length() - cut];
      if (this == GARBAGE) {
        random.nextBytes(rest);
      }
      try (RandomAccessFile file = open(store, record)) {
        long length = file.length();
        file.seek(record.from());
        file.write(record.content().toArray(), 0, cut);
        if (this == GARBAGE) {
          file.write(rest);
        } else if (this == ENDS) {
          file.setLength(record.from() + cut);
        } else if (length <= record.from()) {
          file.setLength(Math.max(old.length, record.from() + cut));
        }
      }
    }
  }

  private void openTorn(Path damaged, String what, boolean mayRefuse) {
    try (StorageFixture torn = new StorageFixture(engine(), damaged)) {
      TornRecords.Findings findings = TornRecords.inspect(torn.open(), RECORDS + 1);
      assertThat(findings.corrupt()).as(what).isEmpty();
      assertThat(findings.whole()).as(what).containsAll(numbers(RECORDS));
      int next = findings.whole().size();
      await(torn.storage().write(TornRecords.batch(next)));
      torn.storage().maintenance().verify();
      assertThat(TornRecords.inspect(torn.reopen(), next + 1).whole())
          .as("%s, after going on", what)
          .containsAll(numbers(next + 1));
    } catch (StorageException.Corrupt refused) {
      if (!mayRefuse) {
        throw new AssertionError(what + ": a torn tail was refused: " + refused, refused);
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }

  private void flip(StoreImage image, Change record, int position, Expectation expected)
      throws IOException {
    List<Integer> bits = CAMPAIGN ? numbers(8) : List.of(random.nextInt(8));
    for (int bit : bits) {
      Path damaged = image.restoreTo(scratch("damaged"));
      byte flipped = (byte) (record.content().toArray()[position] ^ (1 << bit));
      overwrite(damaged, record, position, new byte[] {flipped});
      openDamaged(damaged, "bit " + bit + " at " + position + " of " + record, expected);
    }
  }

  /** Right, or corrupt; a gap only where an engine need not know that there was something. */
  private void openDamaged(Path damaged, String what, Expectation expected) {
    try (StorageFixture reopened = new StorageFixture(engine(), damaged)) {
      Storage storage = openUnlessCorrupt(reopened);
      if (storage == null) {
        return;
      }
      TornRecords.Findings findings = TornRecords.inspect(storage, expected.count());
      TreeSet<Integer> gaps = new TreeSet<>(findings.missing());
      gaps.removeAll(expected.mayBeLost());
      assertThat(gaps).as("acknowledged, and silently gone").isEmpty();
      if (!findings.corrupt().isEmpty()) {
        assertThat(verifies(storage)).as("verification passes over corrupt data").isFalse();
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }

  private static @Nullable Storage openUnlessCorrupt(StorageFixture fixture) {
    try {
      return fixture.open();
    } catch (StorageException.Corrupt noticed) {
      assertThat(noticed.getMessage()).isNotBlank();
      return null;
    }
  }

  private static boolean verifies(Storage storage) {
    try {
      storage.maintenance().verify();
      return true;
    } catch (StorageException.Corrupt noticed) {
      return false;
    }
  }

  private boolean ownsFiles() {
    return !engine().logFiles(fixture().directory()).isEmpty();
  }

  private void write(int from, int to) {
    for (int number = from; number < to; number++) {
      assertThat(await(storage().write(TornRecords.batch(number))).outcome(0).queueOffset())
          .isEqualTo(number);
    }
  }

  private StoreImage image() throws IOException {
    return StoreImage.take(engine(), fixture().directory(), scratch("image-" + images++));
  }

  private List<Integer> positions(Change record) {
    TreeSet<Integer> positions = new TreeSet<>();
    int length = record.length();
    if (CAMPAIGN || length <= SAMPLES) {
      positions.addAll(numbers(length));
    } else {
      positions.addAll(numbers(EDGE));
      for (int i = 1; i <= EDGE; i++) {
        positions.add(length - i);
      }
      while (positions.size() < SAMPLES) {
        positions.add(random.nextInt(length));
      }
    }
    return List.copyOf(positions);
  }

  private static List<Integer> numbers(int count) {
    return java.util.stream.IntStream.range(0, count).boxed().toList();
  }

  private static void overwrite(Path store, Change record, int position, byte[] bytes)
      throws IOException {
    try (RandomAccessFile file = open(store, record)) {
      file.seek((long) record.from() + position);
      file.write(bytes);
    }
  }

  private static RandomAccessFile open(Path store, Change record) throws IOException {
    return new RandomAccessFile(store.resolve(record.file()).toFile(), "rw");
  }
}
