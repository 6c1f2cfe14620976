package io.escrowmq.client;

/** Numbers of the protocol, see {@code docs/formats/native-transactions.md}. */
final class Codes {
  static final int OPEN_TRANSACTION = 30_001;
  static final int ADD_TO_TRANSACTION = 30_002;
  static final int DECIDE_TRANSACTION = 30_003;

  static final int SUCCESS = 0;
  static final int SYSTEM_ERROR = 1;
  static final int SYSTEM_BUSY = 2;
  static final int SERVICE_NOT_AVAILABLE = 14;
  static final int FLOW_CONTROL = 215;
  static final int TRANSACTION_NOT_FOUND = 30_101;
  static final int TRANSACTION_DECIDED = 30_102;
  static final int TRANSACTION_CONFLICT = 30_103;

  private Codes() {}

  /** True if the same request may succeed a little later. */
  static boolean retriable(int code) {
    return code == SYSTEM_BUSY || code == SERVICE_NOT_AVAILABLE || code == FLOW_CONTROL;
  }

  static EscrowException.Kind kind(int code) {
    return switch (code) {
      // Something went wrong in the server, before or after it changed anything.
      case SYSTEM_ERROR -> EscrowException.Kind.OUTCOME_UNKNOWN;
      case TRANSACTION_NOT_FOUND -> EscrowException.Kind.NOT_FOUND;
      case TRANSACTION_DECIDED -> EscrowException.Kind.DECIDED;
      case TRANSACTION_CONFLICT -> EscrowException.Kind.CONFLICT;
      default -> EscrowException.Kind.REFUSED;
    };
  }
}
