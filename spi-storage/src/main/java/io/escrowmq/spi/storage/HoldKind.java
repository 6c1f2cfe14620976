package io.escrowmq.spi.storage;

/** Who decides about a hold. The code is stored: never change or reuse one. */
public enum HoldKind {
  /** A transaction's decision releases or discards it; wake-ups are check-backs. */
  TRANSACTION(1),
  /** Its delivery time releases it (delayed messages, retry back-off). */
  DELAY(2),
  /** A transaction no longer asked automatically; takes the same decisions. */
  PARKED(3),
  /** One of several messages of a transaction, decided with it; has no wake-ups of its own. */
  MEMBER(4);

  private final int code;

  HoldKind(int code) {
    this.code = code;
  }

  /** Stable number for storage, 1 to 127. */
  public int code() {
    return code;
  }

  /** The kind with the given stored number. */
  public static HoldKind ofCode(int code) {
    for (HoldKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no hold kind has code " + code);
  }
}
