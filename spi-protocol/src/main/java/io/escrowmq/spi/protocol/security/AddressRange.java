package io.escrowmq.spi.protocol.security;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses that begin with the same bits: {@code 10.1.0.0/16}, {@code fd00::/8}, or one address.
 *
 * @param base any address of the range
 * @param bits how many leading bits are the same
 * @param text as an operator wrote it
 */
public record AddressRange(InetAddress base, int bits, String text) {

  /** Only digits: a name would be looked up in the network. */
  private static final Pattern NUMERIC =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /** What an operator wrote; empty if it is no range. */
  public static Optional<AddressRange> parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    if (!NUMERIC.matcher(address).matches()) {
      return Optional.empty();
    }
    try {
      InetAddress base = InetAddress.ofLiteral(address);
      int all = base.getAddress().length * Byte.SIZE;
      int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
      return bits < 0 || bits > all
          ? Optional.empty()
          : Optional.of(new AddressRange(base, bits, text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the address is in it. */
  public boolean contains(InetAddress address) {
    byte[] ours = base.getAddress();
    byte[] theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit += Byte.SIZE) {
      int index = bit / Byte.SIZE;
      int mask = bits - bit >= Byte.SIZE ? 0xFF : 0xFF << (Byte.SIZE - (bits - bit)) & 0xFF;
      if (((ours[index] ^ theirs[index]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
