package io.escrowmq.spi.storage.testkit;

/** A way to break the journal engine on purpose. */
enum JournalDefect {
  NONE,
  /** Receipts before the bytes reach the file. */
  ACKNOWLEDGES_BEFORE_WRITING,
  /** Receipts without a sync. */
  NEVER_SYNCS,
  /** One file record per mutation: a crash can leave half a batch. */
  SPLITS_BATCHES,
  /** Frames are believed without their checksum. */
  IGNORES_CHECKSUMS,
  /** Anything unreadable, and all that follows, is cut off. */
  CUTS_CORRUPTION,
  /** A torn tail is not cut but refused. */
  REFUSES_TORN_TAIL,
  /** After a failed sync the engine tries again and acknowledges. */
  RETRIES_SYNC,
  /** Decisions are not replayed: released messages are held again. */
  FORGETS_DECISIONS
}
