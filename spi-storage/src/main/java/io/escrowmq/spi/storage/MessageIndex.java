package io.escrowmq.spi.storage;

import java.util.List;
import java.util.Optional;

/** Finds visible messages by what is in them. Thread-safe. Reads may block for I/O. */
public interface MessageIndex {

  /** Messages that match the query, newest store time first, as owned copies. */
  Answer find(Query query);

  /** Which property of the message is looked up. */
  enum Field {
    /** One of the blank-separated words of the KEYS property. */
    KEY,
    /** The UNIQ_KEY property, given by the client or the server. */
    UNIQUE_ID
  }

  /**
   * A look-up.
   *
   * @param fromMs first store time of interest, inclusive
   * @param toMs last store time of interest, inclusive
   * @param limit most messages wanted, 1 to 1024
   * @param continuation what the previous answer gave; empty for the first page
   */
  record Query(
      String topic,
      Field field,
      String value,
      long fromMs,
      long toMs,
      int limit,
      Optional<Bytes> continuation) {}

  /**
   * What was found.
   *
   * @param continuation present if there is more: pass it on to go on; absent means complete
   */
  record Answer(List<Message> messages, Optional<Bytes> continuation) {

    public Answer {
      messages = List.copyOf(messages);
    }
  }
}
