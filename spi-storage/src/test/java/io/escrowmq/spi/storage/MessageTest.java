package io.escrowmq.spi.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stored layout of a message. The golden bytes were put together by hand from the field list of
 * the remoting protocol, not by this code.
 */
class MessageTest {

  private static final String GOLDEN =
      "0000007a" // total size
          + "daa320a7" // magic, first layout
          + "3610a686" // CRC32 of the body
          + "00000003" // queue
          + "01020304" // flag
          + "0000000000000000" // queue offset
          + "0000000000000000" // position
          + "00000008" // system flag
          + "0102030405060708" // born time
          + "0a01020300009c40" // born host 10.1.2.3:40000
          + "0000000000000000" // store time
          + "7f00000100002a9f" // store host 127.0.0.1:10911
          + "00000002" // reconsume times
          + "1112131415161718" // prepared transaction offset
          + "00000005" // body length
          + "68656c6c6f" // body
          + "06" // topic length
          + "546f70696341" // topic
          + "0014" // properties length
          + "4b455953016b31206b3202" // KEYS k1 k2
          + "544147530172656402"; // TAGS red

  private static final String GOLDEN_V6 =
      "00000074daa320a7"
          + "00000000" // CRC32 of nothing
          + "0000000000000000"
          + "0000000000000007" // queue offset
          + "0000000000000008" // position
          + "00000031" // system flag: compressed, both hosts IPv6
          + "0000000000000001"
          + "20010db8000000000000000000000001" // born host
          + "00000001"
          + "0000000000000009" // store time
          + "00000000000000000000000000000002" // store host
          + "0000ffff"
          + "00000000"
          + "0000000000000000"
          + "00000000"
          + "0154" // topic T
          + "0000";

  private static Message golden() {
    return new MessageBuilder()
        .queue(new QueueId("TopicA", 3))
        .flag(0x01020304)
        .systemFlag(MessageFormat.FLAG_TRANSACTION_COMMIT)
        .bornTimeMs(0x0102030405060708L)
        .bornHost(address("10.1.2.3", 40_000))
        .storeHost(address("127.0.0.1", 10_911))
        .reconsumeTimes(2)
        .preparedTransactionOffset(0x1112131415161718L)
        .body("hello".getBytes(UTF_8))
        .propertiesText("KEYS\u0001k1 k2\u0002TAGS\u0001red\u0002")
        .build();
  }

  @Test
  void theBuilderWritesTheLayoutOfTheProtocol() {
    assertThat(hex(golden())).isEqualTo(GOLDEN);
  }

  @Test
  void everyFieldIsReadBack() {
    Message message = parse(GOLDEN);
    assertThat(message.queueId()).isEqualTo(new QueueId("TopicA", 3));
    assertThat(message.topic()).isEqualTo("TopicA");
    assertThat(message.queue()).isEqualTo(3);
    assertThat(message.flag()).isEqualTo(0x01020304);
    assertThat(message.systemFlag()).isEqualTo(8);
    assertThat(message.bornTimeMs()).isEqualTo(0x0102030405060708L);
    assertThat(message.bornHost()).isEqualTo(address("10.1.2.3", 40_000));
    assertThat(message.storeHost()).isEqualTo(address("127.0.0.1", 10_911));
    assertThat(message.reconsumeTimes()).isEqualTo(2);
    assertThat(message.preparedTransactionOffset()).isEqualTo(0x1112131415161718L);
    assertThat(message.bodyLength()).isEqualTo(5);
    assertThat(message.bodyCrc()).isEqualTo(0x3610A686);
    assertThat(UTF_8.decode(message.body()).toString()).isEqualTo("hello");
    assertThat(message.keys()).containsExactly("k1", "k2");
    assertThat(message.tags()).contains("red");
    assertThat(message.uniqueKey()).isEmpty();
    assertThat(message.property("none")).isEmpty();
    assertThat(message.size()).isEqualTo(122);
    assertThat(message.queueOffset()).isZero();
    assertThat(message.position()).isZero();
    assertThat(message.storeTimeMs()).isZero();
  }

  @Test
  void stampsGoWhereTheHostsLeaveThem() {
    Message message =
        new MessageBuilder()
            .queue(new QueueId("T", 0))
            .systemFlag(MessageFormat.FLAG_COMPRESSED)
            .bornTimeMs(1)
            .bornHost(address("2001:db8::1", 1))
            .storeHost(address("::2", 65_535))
            .build()
            .stamped(7, 8, 9);
    assertThat(hex(message)).isEqualTo(GOLDEN_V6);
    Message parsed = parse(GOLDEN_V6);
    assertThat(parsed.queueOffset()).isEqualTo(7);
    assertThat(parsed.position()).isEqualTo(8);
    assertThat(parsed.storeTimeMs()).isEqualTo(9);
    assertThat(parsed.bornHost()).isEqualTo(address("2001:db8::1", 1));
    assertThat(parsed.storeHost()).isEqualTo(address("::2", 65_535));
    assertThat(parsed.propertiesText()).isEmpty();
    assertThat(parsed.keys()).isEmpty();
  }

  @Test
  void oneHostMayBeIpv6() {
    Message message =
        new MessageBuilder()
            .queue(new QueueId("T", 0))
            .systemFlag(MessageFormat.FLAG_STORE_HOST_V6)
            .bornHost(address("2001:db8::1", 1))
            .storeHost(address("10.0.0.1", 2))
            .build();
    assertThat(message.systemFlag()).isEqualTo(MessageFormat.FLAG_BORN_HOST_V6);
    assertThat(message.storeHost()).isEqualTo(address("10.0.0.1", 2));
    assertThat(message.stamped(1, 2, 3).storeTimeMs()).isEqualTo(3);
  }

  @Test
  void aLongTopicNeedsTheSecondLayout() {
    Message at127 = message("t".repeat(127));
    Message at128 = message("t".repeat(128));
    Message utf8 = message("\u00fc".repeat(100));
    assertThat(hex(at127).substring(8, 16)).isEqualTo("daa320a7");
    assertThat(hex(at128).substring(8, 16)).isEqualTo("daa320ab");
    assertThat(hex(utf8).substring(8, 16)).isEqualTo("daa320ab");
    assertThat(at128.topic()).isEqualTo("t".repeat(128));
    assertThat(utf8.topic()).isEqualTo("\u00fc".repeat(100));
    assertThat(at128.size()).isEqualTo(at127.size() + 2);
    Message longest = message("\u8f6c".repeat(QueueId.MAX_TOPIC_LENGTH));
    assertThat(longest.topic()).hasSize(QueueId.MAX_TOPIC_LENGTH);
  }

  @Test
  void aCopyOwnsItsBytesAndAViewSharesThem() {
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(GOLDEN));
    Message view = Message.wrap(bytes);
    Message copy = view.copy();
    assertThat(copy).isEqualTo(view).hasSameHashCodeAs(view);
    bytes.putInt(16, 99);
    assertThat(view.flag()).isEqualTo(99);
    assertThat(copy.flag()).isEqualTo(0x01020304);
    assertThat(copy).isNotEqualTo(view);
    assertThatThrownBy(() -> view.bytes().put(0, (byte) 1))
        .isInstanceOf(ReadOnlyBufferException.class);
    assertThatThrownBy(() -> view.body().put(0, (byte) 1))
        .isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void aStampedCopyLeavesTheOriginalAlone() {
    Message original = golden();
    Message stamped = original.stamped(5, 6, 7);
    assertThat(hex(original)).isEqualTo(GOLDEN);
    assertThat(stamped.stamped(0, 0, 0)).isEqualTo(original);
    assertThat(stamped.queueOffset()).isEqualTo(5);
  }

  @Test
  void aViewMayLieAnywhereInABuffer() {
    ByteBuffer bytes = ByteBuffer.allocate(200);
    bytes.position(13).put(HexFormat.of().parseHex(GOLDEN)).flip().position(13);
    Message message = Message.wrap(bytes);
    assertThat(message.topic()).isEqualTo("TopicA");
    assertThat(bytes.position()).isEqualTo(13);
    assertThat(message.bytes().position()).isZero();
  }

  @Test
  void aBuilderContinuesAMessage() {
    Message original = golden();
    assertThat(original.toBuilder().build()).isEqualTo(original);
    Message moved = original.toBuilder().queue(new QueueId("Other", 1)).build();
    assertThat(moved.queueId()).isEqualTo(new QueueId("Other", 1));
    assertThat(moved.body()).isEqualTo(original.body());
    assertThat(moved.propertiesText()).isEqualTo(original.propertiesText());
  }

  @Test
  void propertiesHaveALimit() {
    MessageBuilder builder = new MessageBuilder().queue(new QueueId("T", 0));
    String most = "x".repeat(MessageFormat.MAX_PROPERTIES_BYTES);
    assertThat(builder.propertiesText(most).build().propertiesText()).isEqualTo(most);
    assertThatThrownBy(() -> builder.propertiesText(most + "x").build())
        .isInstanceOf(StorageException.TooLarge.class);
  }

  @Test
  void theBodysRemainingBytesAreTaken() {
    ByteBuffer body = ByteBuffer.wrap("_hello_".getBytes(UTF_8)).position(1).limit(6);
    Message message = new MessageBuilder().queue(new QueueId("T", 0)).body(body).build();
    assertThat(UTF_8.decode(message.body()).toString()).isEqualTo("hello");
    assertThat(body.position()).isEqualTo(1);
    assertThat(message.bodyCrc()).isEqualTo(0x3610A686);
  }

  @Test
  void theBodyCrcHasNoTopBit() {
    assertThat(Message.crcOf(ByteBuffer.wrap("123456789".getBytes(UTF_8))))
        .isEqualTo(0xCBF43926 & 0x7FFFFFFF);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 84, 93, 100})
  void lengthsThatDoNotAddUpAreRefused(int at) {
    byte[] bytes = HexFormat.of().parseHex(GOLDEN);
    bytes[at] ^= 0x41;
    assertThatIllegalArgumentException().isThrownBy(() -> Message.wrap(ByteBuffer.wrap(bytes)));
  }

  @Test
  void noBytesWhateverMakeItFailOtherwise() {
    Random random = new Random(7);
    byte[] golden = HexFormat.of().parseHex(GOLDEN);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = golden.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length;
      readWhatIsAccepted(ByteBuffer.wrap(bytes, 0, length));
    }
  }

  private static void readWhatIsAccepted(ByteBuffer bytes) {
    Message message;
    try {
      message = Message.wrap(bytes);
    } catch (IllegalArgumentException refused) {
      return;
    }
    assertThat(message.topic()).isNotNull();
    assertThat(message.propertiesText()).isNotNull();
    assertThat(message.keys()).isNotNull();
    assertThat(message.body().remaining()).isEqualTo(message.bodyLength());
    assertThat(message.bornHost()).isNotNull();
    assertThat(message.storeHost()).isNotNull();
    assertThat(message.copy()).isEqualTo(message);
  }

  private static Message message(String topic) {
    return new MessageBuilder().queue(new QueueId(topic, 0)).build();
  }

  private static Message parse(String hex) {
    return Message.wrap(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private static String hex(Message message) {
    byte[] bytes = new byte[message.size()];
    message.bytes().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(host), port);
  }
}
