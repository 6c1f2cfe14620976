package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/**
 * What the coordinator writes beside a held message. Layout, big-endian, drawn in {@code
 * docs/formats/transaction-attributes.md}: int8 0x54, int8 version, int8 decided, int8 parked,
 * int32 attempts, int64 held at, int64 first check at, int64 deliver at, int64 last asked at, then
 * group, unique key, sender and last asked, each as uint8 length and UTF-8.
 *
 * @param producerGroup who may decide
 * @param uniqueKey shortened if long, empty if none
 * @param sender client id of the instance that sent the half message
 * @param attempts questions written to a connection
 * @param heldAtMs when the half message came, milliseconds since the epoch
 * @param firstCheckAtMs when the first question is due, milliseconds since the epoch
 * @param deliverAtMs earliest visibility after a commit, milliseconds since the epoch; 0 for at
 *     once
 * @param decided set on a committed message that waits for its delivery time
 * @param parked why no questions are asked any more
 * @param lastAsked client id that got the last question, empty if none
 * @param lastAskedAtMs when that was, 0 if never
 * @param own what the message itself wants otherwise than its topic, group and cluster
 */
record HoldAttributes(
    String producerGroup,
    String uniqueKey,
    String sender,
    int attempts,
    long heldAtMs,
    long firstCheckAtMs,
    long deliverAtMs,
    Optional<Decision> decided,
    Optional<ParkReason> parked,
    String lastAsked,
    long lastAskedAtMs,
    MessageRules own) {

  private static final byte MAGIC = 0x54;
  private static final byte VERSION = 1;

  /** As version 1, followed by the message's own rules. */
  private static final byte VERSION_WITH_RULES = 2;

  private static final int RULES_BYTES = 3 * Integer.BYTES;
  private static final int FIXED_BYTES = 4 + Integer.BYTES + 4 * Long.BYTES;
  private static final int MAX_TEXT_BYTES = 200;
  private static final int KEPT_CHARACTERS = 40;

  /** The attributes of a fresh hold; texts that are too long are shortened recognisably. */
  static HoldAttributes fresh(HalfMessage half, MessageRules own, long nowMs, long firstCheckAtMs) {
    return new HoldAttributes(
        half.producerGroup(),
        shortened(half.uniqueKey().orElse("")),
        shortened(half.clientId()),
        0,
        nowMs,
        firstCheckAtMs,
        half.deliverAtMs(),
        Optional.empty(),
        Optional.empty(),
        "",
        0,
        own);
  }

  HoldAttributes asked(String clientId, long nowMs) {
    return new HoldAttributes(
        producerGroup,
        uniqueKey,
        sender,
        attempts + 1,
        heldAtMs,
        firstCheckAtMs,
        deliverAtMs,
        decided,
        parked,
        shortened(clientId),
        nowMs,
        own);
  }

  HoldAttributes with(Optional<Decision> newDecided, Optional<ParkReason> newParked) {
    return withAttempts(attempts, newDecided, newParked);
  }

  HoldAttributes rearmed() {
    return withAttempts(0, decided, Optional.empty());
  }

  /** True if the other half message has the same group and unique key. */
  boolean sameOrigin(HalfMessage half) {
    return producerGroup.equals(half.producerGroup())
        && uniqueKey.equals(shortened(half.uniqueKey().orElse("")));
  }

  Bytes encode() {
    byte[] group = producerGroup.getBytes(UTF_8);
    byte[] key = uniqueKey.getBytes(UTF_8);
    byte[] from = sender.getBytes(UTF_8);
    byte[] last = lastAsked.getBytes(UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(
            FIXED_BYTES
                + 4
                + group.length
                + key.length
                + from.length
                + last.length
                + (own.equals(MessageRules.NONE) ? 0 : RULES_BYTES));
    // Older software reads version 1; so what has no rules of its own stays readable for it.
    out.put(MAGIC).put(own.equals(MessageRules.NONE) ? VERSION : VERSION_WITH_RULES);
    out.put((byte) (int) decided.map(Decision::code).orElse(0));
    out.put((byte) (int) parked.map(ParkReason::code).orElse(0));
    out.putInt(attempts).putLong(heldAtMs).putLong(firstCheckAtMs);
    out.putLong(deliverAtMs).putLong(lastAskedAtMs);
    for (byte[] text : new byte[][] {group, key, from, last}) {
      out.put((byte) text.length).put(text);
    }
    if (!own.equals(MessageRules.NONE)) {
      out.putInt(own.intervalSeconds()).putInt(own.limit()).putInt(own.maxAgeSeconds());
    }
    return Bytes.wrap(out.array());
  }

  /** The attributes, or empty if a different feature wrote the hold. */
  static Optional<HoldAttributes> decode(Bytes bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes.toArray());
    if (in.remaining() < FIXED_BYTES + 4 || in.get() != MAGIC) {
      return Optional.empty();
    }
    byte version = in.get();
    if (version != VERSION && version != VERSION_WITH_RULES) {
      throw new IllegalStateException(
          "a transaction was held by a newer version of this software (attributes version "
              + version
              + ", known is "
              + VERSION_WITH_RULES
              + "): start that version to decide it");
    }
    int decided = in.get();
    int parked = in.get();
    int attempts = in.getInt();
    long heldAtMs = in.getLong();
    long firstCheckAtMs = in.getLong();
    long deliverAtMs = in.getLong();
    long lastAskedAtMs = in.getLong();
    return Optional.of(
        new HoldAttributes(
            text(in),
            text(in),
            text(in),
            attempts,
            heldAtMs,
            firstCheckAtMs,
            deliverAtMs,
            decided == 0 ? Optional.empty() : Optional.of(Decision.ofCode(decided)),
            parked == 0 ? Optional.empty() : Optional.of(ParkReason.ofCode(parked)),
            text(in),
            lastAskedAtMs,
            version == VERSION
                ? MessageRules.NONE
                : new MessageRules(in.getInt(), in.getInt(), in.getInt())));
  }

  private HoldAttributes withAttempts(
      int newAttempts, Optional<Decision> newDecided, Optional<ParkReason> newParked) {
    return new HoldAttributes(
        producerGroup,
        uniqueKey,
        sender,
        newAttempts,
        heldAtMs,
        firstCheckAtMs,
        deliverAtMs,
        newDecided,
        newParked,
        lastAsked,
        lastAskedAtMs,
        own);
  }

  private static String text(ByteBuffer in) {
    ByteBuffer slice = in.slice(in.position() + 1, in.get(in.position()) & 0xFF);
    in.position(in.position() + 1 + slice.remaining());
    try {
      return UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalStateException("attributes of a transaction hold invalid UTF-8", e);
    }
  }

  /** The text itself, or for a long one its beginning and a digest: equal texts stay equal. */
  static String shortened(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    if (utf8.length <= MAX_TEXT_BYTES) {
      // What cannot be written in UTF-8 is not kept; in ASCII there is nothing of that kind.
      return utf8.length == text.length() ? text : new String(utf8, UTF_8);
    }
    return new String(text.substring(0, KEPT_CHARACTERS).getBytes(UTF_8), UTF_8)
        + "#"
        + Handles.digest(utf8);
  }
}
