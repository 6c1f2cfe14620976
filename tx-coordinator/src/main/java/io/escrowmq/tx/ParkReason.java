package io.escrowmq.tx;

/** Why a transaction is no longer asked about. The code is stored: never change or reuse one. */
public enum ParkReason {
  /** All questions of the policy reached a producer and none was answered with a decision. */
  CHECKS_USED_UP(1),
  /** Older than the policy's maximum age. */
  TOO_OLD(2);

  private final int code;

  ParkReason(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static ParkReason ofCode(int code) {
    for (ParkReason reason : values()) {
      if (reason.code == code) {
        return reason;
      }
    }
    throw new IllegalArgumentException("no park reason has code " + code);
  }
}
