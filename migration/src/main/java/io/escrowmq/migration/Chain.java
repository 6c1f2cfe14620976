package io.escrowmq.migration;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A digest over the messages of a queue that can be carried on: SHA-256 over the digest so far and
 * the next record, its position aside, because that is the only thing the target gives. Not
 * thread-safe.
 */
final class Chain {

  /** Length of a digest. */
  static final int BYTES = 32;

  /** Before the first message. */
  static final Bytes START = Bytes.wrap(new byte[BYTES]);

  private final MessageDigest sha256;

  Chain() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The digest after one more message.
   *
   * @param record the whole record, its position field 0
   */
  Bytes next(Bytes before, ByteBuffer record) {
    sha256.update(before.toArray());
    sha256.update(record.duplicate());
    return Bytes.wrap(sha256.digest());
  }

  /** The digest after a message that is stored. */
  Bytes next(Bytes before, Message stored) {
    return next(before, stored.stamped(stored.queueOffset(), 0, stored.storeTimeMs()).bytes());
  }
}
