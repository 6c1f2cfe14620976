package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.StorageException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every failure into what the door promises: a {@link BrokerException}. */
final class Failures {

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** The refusal that tells a client about this failure. */
  static BrokerException of(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case BrokerException refused -> refused;
      case StorageException refused -> of(refused);
      default -> internal(cause);
    };
  }

  /** Runs a blocking call of the door. */
  static <T> T translate(Supplier<T> call) {
    try {
      return call.get();
    } catch (BrokerException e) {
      throw e;
    } catch (RuntimeException e) {
      throw of(e);
    }
  }

  /**
   * Runs a blocking call of the door whose parameters may be impossible.
   *
   * @param remedy where to find out what is possible
   */
  static <T> T translate(Supplier<T> call, String remedy) {
    return translate(() -> {
      try {
        return call.get();
      } catch (IllegalArgumentException e) {
        throw new BrokerException(
            ErrorCode.INVALID_PARAMETER, String.valueOf(e.getMessage()), remedy);
      }
    });
  }

  /** Runs a non-blocking call of the door; whatever it throws fails the stage. */
  static <T> CompletionStage<T> translateStage(Supplier<CompletionStage<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(of(e));
    }
  }

  /** The same stage, failing with a bare {@link BrokerException}. */
  static <T> CompletionStage<T> unwrapped(CompletionStage<T> stage) {
    CompletableFuture<T> result = new CompletableFuture<>();
    stage.whenComplete((value, failure) -> {
      if (failure == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(of(failure));
      }
    });
    return result;
  }

  /** Waits for a write on a thread that may block. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw of(e);
    }
  }

  private static BrokerException of(StorageException refused) {
    ErrorCode code =
        switch (refused) {
          case StorageException.Overloaded _ -> ErrorCode.OVERLOADED;
          case StorageException.Full _ -> ErrorCode.STORE_FULL;
          case StorageException.TooLarge _ -> ErrorCode.MESSAGE_ILLEGAL;
          case StorageException.Closed _ -> ErrorCode.NOT_SERVING;
          case StorageException.Fenced _,
              StorageException.Corrupt _,
              StorageException.Unavailable _ ->
              ErrorCode.STORE_UNAVAILABLE;
        };
    return new BrokerException(code, "" + refused.getMessage(), refused.remedy(), refused);
  }

  private static BrokerException internal(Throwable bug) {
    LOG.error("unexpected failure while serving a request", bug);
    return new BrokerException(
        ErrorCode.INTERNAL,
        "unexpected failure: " + bug,
        "This is a defect of the server: see its log, and report it.",
        bug);
  }
}
