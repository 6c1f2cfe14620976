package io.escrowmq.spi.storage.testkit;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The few calls of Linux that a power cut needs and Java does not have. Thread-safe. */
@SuppressWarnings("restricted")
final class SystemCalls {

  private static final int O_RDONLY = 0;

  /** {@code EXT4_IOC_SHUTDOWN}: the file system stops at once, as after a loss of its device. */
  private static final long SHUTDOWN = 0x8004587DL;

  /** Nothing of the journal is flushed any more. */
  private static final int NO_LOG_FLUSH = 2;

  /** {@code SYNC_FILE_RANGE_WRITE}: begins to write dirty pages, and does not wait for them. */
  private static final int WRITE_OUT = 2;

  private static final MethodHandle OPEN = handle("open", ValueLayout.ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = handle("close", JAVA_INT);
  private static final MethodHandle SYNCFS = handle("syncfs", JAVA_INT);
  private static final MethodHandle SYNC_FILE_RANGE =
      handle("sync_file_range", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle IOCTL =
      Linker.nativeLinker()
          .downcallHandle(
              address("ioctl"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2));

  private SystemCalls() {}

  /**
   * Stops the ext4 file system for good: from now on every write and every sync fails, and nothing
   * that was not on its device will get there.
   */
  static void shutDown(Path anyFile) throws IOException {
    withFile(
        anyFile,
        file -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocateFrom(JAVA_INT, NO_LOG_FLUSH);
            return (int) IOCTL.invokeExact(file, SHUTDOWN, how);
          }
        });
  }

  /** Lets the kernel write a part of the file out, as it may do at any time by itself. */
  static void writeOut(Path file, long offset, long bytes) throws IOException {
    withFile(file, open -> (int) SYNC_FILE_RANGE.invokeExact(open, offset, bytes, WRITE_OUT));
  }

  /** Syncs the whole file system, as the kernel does now and then by itself. */
  static void syncFileSystem(Path anyFile) throws IOException {
    withFile(anyFile, file -> (int) SYNCFS.invokeExact(file));
  }

  private interface Call {
    int on(int file) throws Throwable;
  }

  private static void withFile(Path path, Call call) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int file = (int) OPEN.invokeExact(arena.allocateFrom(path.toString()), O_RDONLY);
      if (file < 0) {
        throw new IOException("cannot open " + path);
      }
      try {
        if (call.on(file) < 0) {
          throw new IOException("a system call on " + path + " failed");
        }
      } finally {
        int _ = (int) CLOSE.invokeExact(file);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a system call cannot throw this", e);
    }
  }

  /** A function that answers with an int. */
  private static MethodHandle handle(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(address(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MemorySegment address(String name) {
    return Linker.nativeLinker().defaultLookup().findOrThrow(name);
  }
}
