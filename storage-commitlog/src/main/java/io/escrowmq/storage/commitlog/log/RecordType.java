package io.escrowmq.storage.commitlog.log;

/** What a record of a frame does. The code is stored: never change or reuse one. */
enum RecordType {
  APPEND(1, 0),
  HOLD(2, 24),
  RELEASE(3, 32),
  DISCARD(4, 16),
  RESCHEDULE(5, 24),
  PUT(6, 0),
  DELETE(7, 0),
  TRIM(8, 8),
  MOVE_HELD(9, 24),
  MOVE_VISIBLE(10, 24),
  BEGIN(11, 8),
  RESTORED(12, 0),
  RESTORED_HOLD(13, 32),
  RESTORED_DECISION(14, 40);

  private static final RecordType[] BY_CODE = new RecordType[16];

  static {
    for (RecordType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int fieldBytes;

  RecordType(int code, int fieldBytes) {
    this.code = code;
    this.fieldBytes = fieldBytes;
  }

  int code() {
    return code;
  }

  /** Bytes from the start of the record to whatever has no fixed size. */
  int fixedBytes() {
    return FrameLayout.RECORD_FIELDS + fieldBytes;
  }

  /** True if a queue offset and a position are stamped into the record's message. */
  boolean isAppend() {
    return this == APPEND || this == RESTORED;
  }

  static boolean isCode(int code) {
    return code > 0 && code < BY_CODE.length && BY_CODE[code] != null;
  }

  static RecordType ofCode(int code) {
    if (!isCode(code)) {
      throw new IllegalArgumentException("no record type has code " + code);
    }
    return BY_CODE[code];
  }
}
