package io.escrowmq.protocol.remoting.wire;

/**
 * The language a peer says it is written in; informational only. The code is the byte of a binary
 * header (Apache RocketMQ remoting protocol). An unknown byte or name reads as {@link #OTHER},
 * because a third-party client must not be refused for it.
 */
public enum Language {
  JAVA(0),
  CPP(1),
  DOTNET(2),
  PYTHON(3),
  DELPHI(4),
  ERLANG(5),
  RUBY(6),
  OTHER(7),
  HTTP(8),
  GO(9),
  PHP(10),
  OMS(11),
  RUST(12),
  NODE_JS(13);

  private static final Language[] ALL = values();

  private final int code;

  Language(int code) {
    this.code = code;
  }

  /** The byte of the binary header. */
  public int code() {
    return code;
  }

  /** The language of a byte of the binary header. */
  public static Language ofCode(int code) {
    for (Language language : ALL) {
      if (language.code == code) {
        return language;
      }
    }
    return OTHER;
  }

  /** The language of a name in a JSON header. */
  public static Language ofName(String name) {
    for (Language language : ALL) {
      if (language.name().equals(name)) {
        return language;
      }
    }
    return OTHER;
  }
}
