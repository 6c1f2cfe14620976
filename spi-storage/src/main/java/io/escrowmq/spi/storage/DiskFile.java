package io.escrowmq.spi.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file with positional access. Safe for concurrent reads beside one writer. */
public interface DiskFile extends Closeable {

  /** Writes all remaining bytes at the position. On an exception any part may have been written. */
  void write(ByteBuffer source, long position) throws IOException;

  /** Reads up to the buffer's remaining bytes; returns the number read, or -1 beyond the end. */
  int read(ByteBuffer target, long position) throws IOException;

  /**
   * Makes everything written so far durable (fdatasync). After one failure nothing written since
   * the last success may be trusted, and calling again proves nothing.
   */
  void force() throws IOException;

  /** Current length in bytes. */
  long size() throws IOException;
}
