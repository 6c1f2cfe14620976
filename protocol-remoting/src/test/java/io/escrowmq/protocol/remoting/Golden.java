package io.escrowmq.protocol.remoting;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;

/** Bytes recorded from the official Java classes. */
public final class Golden {
  private static final Properties BYTES = load();

  private Golden() {}

  /** The recorded bytes of that name. */
  public static byte[] bytes(String name) {
    return HexFormat.of().parseHex(Objects.requireNonNull(BYTES.getProperty(name), name));
  }

  private static Properties load() {
    Properties properties = new Properties();
    try (InputStream in = Golden.class.getResourceAsStream("/golden/official-5.5.0.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
