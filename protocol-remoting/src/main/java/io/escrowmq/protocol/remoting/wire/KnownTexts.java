package io.escrowmq.protocol.remoting.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names and values that most headers have, so that they need not be made anew for each. Nothing
 * depends on a text being known. A text is compared as up to three words of eight bytes, filled up
 * with zeros, which no text here has.
 */
final class KnownTexts {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final String TEXTS =
      // Members of the header, and what stands in them
      "code flag language opaque version remark extFields serializeTypeCurrentRPC JSON ROCKETMQ"
          + " JAVA GO CPP PYTHON DOTNET RUST NODE_JS"
          // Fields of requests and of answers to the server's own
          + " a b c d e f g h i j k l m n o bname topic queueId queueOffset producerGroup"
          + " consumerGroup group commitLogOffset tranStateTableOffset commitOrRollback"
          + " fromTransactionCheck msgId transactionId sysFlag bornTimestamp properties"
          + " reconsumeTimes maxReconsumeTimes batch unitMode defaultTopic defaultTopicQueueNums"
          + " maxMsgNums commitOffset subscription suspendTimeoutMillis subVersion expressionType"
          + " maxMsgBytes setZeroIfNotFound timestamp boundaryType clientID clientId offset"
          + " delayLevel originMsgId originTopic exp expType extraInfo initMode invisibleTime order"
          + " pollTime bornTime attemptId acceptStandardJsonOnly AccessKey Signature"
          // Their usual values
          + " true false 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 32 -1 TAG TBW102 *";

  private static final int LONGEST = 3 * Long.BYTES;
  private static final int SLOT_BITS = 9;
  private static final int SLOTS = 1 << SLOT_BITS;

  /** Text by slot; with the words it is made of. Never changed once it is filled. */
  private static final String[] KNOWN = new String[SLOTS];

  private static final long[] FIRST = new long[SLOTS];
  private static final long[] SECOND = new long[SLOTS];
  private static final long[] THIRD = new long[SLOTS];

  static {
    for (String text : TEXTS.split(" ", -1)) {
      byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
      byte[] padded = Arrays.copyOf(ascii, LONGEST);
      long first = word(padded, 0, ascii.length);
      long second = word(padded, 8, ascii.length - 8);
      long third = word(padded, 16, ascii.length - 16);
      int slot = slot(first, second, third);
      while (KNOWN[slot] != null) {
        slot = next(slot);
      }
      KNOWN[slot] = text;
      FIRST[slot] = first;
      SECOND[slot] = second;
      THIRD[slot] = third;
    }
  }

  private KnownTexts() {}

  /**
   * The text of these bytes, if it is known.
   *
   * @param ascii the bytes, none of them zero, with seven more behind them
   */
  static @Nullable String find(byte[] ascii, int from, int length) {
    if (length > LONGEST) {
      return null;
    }
    long first = word(ascii, from, length);
    long second = word(ascii, from + 8, length - 8);
    long third = word(ascii, from + 16, length - 16);
    int slot = slot(first, second, third);
    while (KNOWN[slot] != null) {
      if (FIRST[slot] == first && SECOND[slot] == second && THIRD[slot] == third) {
        return KNOWN[slot];
      }
      slot = next(slot);
    }
    return null;
  }

  /** The next eight of so many bytes that are left, or fewer and zeros; zero if none is left. */
  private static long word(byte[] ascii, int at, int left) {
    if (left <= 0) {
      return 0;
    }
    long word = (long) WORDS.get(ascii, at);
    return left >= Long.BYTES ? word : word & (1L << left * Byte.SIZE) - 1;
  }

  private static int slot(long first, long second, long third) {
    long mixed = (first + second * 31 + third * 961) * 0x9FB21C651E98DF25L;
    return (int) (mixed >>> Long.SIZE - SLOT_BITS);
  }

  private static int next(int slot) {
    return slot + 1 & SLOTS - 1;
  }
}
