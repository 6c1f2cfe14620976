package io.escrowmq.tx;

/** How a transaction ends. The code is stored: never change or reuse one. */
public enum Decision {
  /** The message becomes visible. */
  COMMIT(1),
  /** The message is gone. */
  ROLLBACK(2);

  private final int code;

  Decision(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Decision ofCode(int code) {
    for (Decision decision : values()) {
      if (decision.code == code) {
        return decision;
      }
    }
    throw new IllegalArgumentException("no decision has code " + code);
  }
}
