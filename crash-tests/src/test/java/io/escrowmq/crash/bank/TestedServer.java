package io.escrowmq.crash.bank;

import io.escrowmq.crash.bank.Evidence.Decided;
import java.util.List;
import java.util.Optional;

/** The message server that the campaign is about. Questions may come from another thread. */
interface TestedServer extends AutoCloseable {

  /** What the report calls it. */
  String title();

  String nameServer();

  /** What is between clients and this server, if it can be spoilt. */
  default Optional<RoughNetwork> network() {
    return Optional.empty();
  }

  /** SIGKILL, and a new process on the same files and ports; returns when it serves again. */
  void killAndRestart();

  void pause();

  void resume();

  /** Whether {@link #isHeld}, {@link #undecided} and {@link #decided} can be asked. */
  boolean hasRegister();

  /**
   * Whether the register says that this transaction is undecided.
   *
   * @return empty if the server cannot be asked now
   */
  Optional<Boolean> isHeld(String txId);

  /**
   * Keys of undecided transactions, up to 100.
   *
   * @return empty if the server cannot be asked now
   */
  Optional<List<String>> undecided();

  /** All records of decisions; empty if the server keeps none. */
  Optional<List<Decided>> decided();

  @Override
  void close();
}
