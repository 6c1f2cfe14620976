package io.escrowmq.protocol.remoting.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.protocol.remoting.Golden;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the quick reader and the quick writer of JSON headers answer is what the complete ones do.
 */
final class OrdinaryHeaderTest {
  private static final int HEADERS = 20_000;
  private static final List<Language> LANGUAGES = List.of(Language.values());

  private static final String[] MEMBERS = {
    "\"code\":310",
    "\"code\":3442",
    "\"code\":-1",
    "\"code\":2147483648",
    "\"code\":\"7\"",
    "\"code\":007",
    "\"code\":1.5",
    "\"code\":1e2",
    "\"code\":null",
    "\"code\":true",
    "\"flag\":0",
    "\"flag\":-0",
    "\"flag\":2",
    "\"opaque\":-2147483648",
    "\"opaque\":99999999999",
    "\"version\":513",
    "\"version\":",
    "\"version\":+1",
    "\"language\":\"JAVA\"",
    "\"language\":\"KLINGON\"",
    "\"language\":9",
    "\"language\":null",
    "\"remark\":\"no \\\"x\\\"\"",
    "\"remark\":null",
    "\"remark\":7",
    "\"remark\":{}",
    "\"serializeTypeCurrentRPC\":\"JSON\"",
    "\"serializeTypeCurrentRPC\":0",
    "\"extFields\":{}",
    "\"extFields\":null",
    "\"extFields\":[]",
    "\"extFields\":{\"a\":\"b\",}",
    "\"more\":[{\"code\":2}]",
    "bare:1",
    "'flag':1",
    "\"fl\\u0061g\":3"
  };

  private static final String[] PIECES = {
    "b",
    "queueId",
    "TBW102",
    "0",
    "15",
    "Zürich",
    "東京",
    "\uD83D\uDE00",
    "\uFFFD",
    "\uFEFF",
    "\\u0001",
    "\\u0002",
    "\\u007f",
    "\\u0080",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\u00",
    "\\n",
    "\\t",
    "\\b",
    "\\f",
    "\\r",
    "\\/",
    "\\\\",
    "\\\"",
    "\\'",
    "\\x",
    "\u0001",
    "\u0000",
    "\t",
    "\u007f",
    "'",
    "{",
    "}",
    ":",
    ",",
    " ",
    "long enough to need several words at once"
  };

  @ParameterizedTest
  @ValueSource(strings = {"send.json", "end.json", "pop.json"})
  void officialHeadersAreOrdinary(String name) {
    ByteBuf frame = Unpooled.wrappedBuffer(Golden.bytes(name));
    ByteBuf header = frame.slice(8, frame.getInt(4) & 0xFFFFFF);

    assertThat(OrdinaryJsonHeader.decode(header, FrameLimits.DEFAULT))
        .isNotNull()
        .isEqualTo(JsonHeader.decodeAny(header, FrameLimits.DEFAULT));
  }

  @Test
  void readsOrdinaryHeadersLikeTheCompleteParser() {
    for (int seed = 0; seed < HEADERS; seed++) {
      byte[] header = ordinary(new Random(seed)).getBytes(UTF_8);
      assertThat(quick(header))
          .as("seed %d: %s", seed, new String(header, UTF_8))
          .isNotNull()
          .isEqualTo(complete(header));
    }
  }

  @Test
  void readsStrangeHeadersLikeTheCompleteParserOrNotAtAll() {
    agreeOrLeave(random -> strange(random).getBytes(UTF_8));
  }

  @Test
  void readsDamagedHeadersLikeTheCompleteParserOrNotAtAll() {
    agreeOrLeave(random -> damaged(random, ordinary(random).getBytes(UTF_8)));
  }

  private static void agreeOrLeave(Function<Random, byte[]> headers) {
    int read = 0;
    int unread = 0;
    for (int seed = 0; seed < HEADERS; seed++) {
      if (agrees(seed, headers.apply(new Random(seed)))) {
        read++;
      } else {
        unread++;
      }
    }
    assertThat(read).isGreaterThan(HEADERS / 20);
    assertThat(unread).isGreaterThan(HEADERS / 20);
  }

  @Test
  void everyTruncationIsLeftToTheCompleteParser() {
    for (int seed = 0; seed < 20; seed++) {
      byte[] header = ordinary(new Random(seed)).getBytes(UTF_8);
      for (int length = 0; length < header.length; length++) {
        assertThat(quick(Arrays.copyOf(header, length))).isNull();
      }
    }
  }

  @Test
  void asManyFieldsAsAllowedAndNoMore() {
    int most = FrameLimits.DEFAULT.maxExtFields();
    assertThat(quick(withFields(most))).isEqualTo(complete(withFields(most)));
    assertThat(quick(withFields(most + 1))).isNull();
  }

  @Test
  void writesLikeTheCompleteWriterOrNotAtAll() {
    int written = 0;
    for (int seed = 0; seed < HEADERS; seed++) {
      RemotingCommand command = command(new Random(seed));
      ByteBuf any = Unpooled.buffer();
      JsonHeader.encodeAny(command, any);
      ByteBuf ascii = Unpooled.buffer().writeByte('!');
      boolean plain = AsciiJsonHeader.encode(command, ascii);
      String expected = any.toString(UTF_8);
      boolean ordinary =
          command.extFields().values().stream().allMatch(OrdinaryHeaderTest::plain)
              && (command.remark() == null || plain(command.remark()));

      assertThat(plain).as("seed %d: %s", seed, expected).isEqualTo(ordinary);
      assertThat(ascii.toString(UTF_8)).as("seed %d", seed).isEqualTo(plain ? "!" + expected : "!");
      written += plain ? 1 : 0;
    }
    assertThat(written).isBetween(HEADERS / 20, HEADERS - HEADERS / 20);
  }

  @Test
  void absentValuesAreLeftOut() {
    Map<String, String> fields = new HashMap<>();
    fields.put("a", null);
    fields.put("b", "c");
    ByteBuf out = Unpooled.buffer();
    JsonHeader.encode(RemotingCommand.request(1, 2, false, fields, HeaderEncoding.JSON), out);
    assertThat(out.toString(UTF_8)).contains("\"extFields\":{\"b\":\"c\"}");
  }

  private static boolean agrees(int seed, byte[] header) {
    RemotingCommand quick = quick(header);
    if (quick == null) {
      return false;
    }
    assertThat(quick)
        .as("seed %d: %s", seed, new String(header, UTF_8))
        .isEqualTo(complete(header));
    return true;
  }

  private static RemotingCommand quick(byte[] header) {
    ByteBuf in = Unpooled.wrappedBuffer(header);
    RemotingCommand command = OrdinaryJsonHeader.decode(in, FrameLimits.DEFAULT);
    assertThat(in.readableBytes()).isEqualTo(header.length);
    assertThat(ByteBufUtil.getBytes(in)).isEqualTo(header);
    return command;
  }

  private static RemotingCommand complete(byte[] header) {
    return JsonHeader.decodeAny(Unpooled.wrappedBuffer(header), FrameLimits.DEFAULT);
  }

  private static String ordinary(Random random) {
    List<String> members = new ArrayList<>();
    members.add("\"code\":" + number(random));
    addSometimes(random, members, "\"language\":\"" + pick(random, "JAVA", "GO", "ELVISH") + "\"");
    addSometimes(random, members, "\"version\":" + number(random));
    addSometimes(random, members, "\"opaque\":" + number(random));
    addSometimes(random, members, "\"flag\":" + number(random));
    addSometimes(random, members, "\"remark\":\"" + ordinaryText(random) + "\"");
    addSometimes(random, members, "\"serializeTypeCurrentRPC\":\"JSON\"");
    addSometimes(random, members, "\"extFields\":" + ordinaryFields(random));
    Collections.shuffle(members, random);
    return "{" + String.join(",", members) + "}";
  }

  private static void addSometimes(Random random, List<String> members, String member) {
    if (random.nextInt(4) > 0) {
      members.add(member);
    }
  }

  private static String ordinaryFields(Random random) {
    List<String> fields = new ArrayList<>();
    for (int left = random.nextInt(16); left > 0; left--) {
      String name =
          pick(random, "a", "b", "i", "queueId", "producerGroup", "", "my own", "x\u007f");
      String value = random.nextBoolean() ? "\"" + ordinaryText(random) + "\"" : number(random);
      fields.add("\"" + name + "\":" + value);
    }
    return "{" + String.join(",", fields) + "}";
  }

  private static String ordinaryText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(5); left > 0; left--) {
      text.append(
          pick(
              random,
              "true",
              "UNIQ_KEY\\u0001",
              "\\u0002",
              "\\n",
              "\\\"",
              "\\\\/\\/",
              "\\u004A\\u005c",
              "Zürich",
              "東京",
              "\uD83D\uDE00",
              "1700000000123",
              "a text of more than eight bytes",
              ""));
    }
    return text.toString();
  }

  private static String number(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Integer.toString(random.nextInt());
      case 1 -> Integer.toString(random.nextInt(300));
      case 2 -> pick(random, "0", "-1", "2147483647", "-2147483648", "3442");
      default -> Integer.toString(random.nextInt(100_000) - 50_000);
    };
  }

  private static String strange(Random random) {
    List<String> members = new ArrayList<>();
    for (int left = random.nextInt(3); left > 0; left--) {
      members.add(pick(random, MEMBERS));
    }
    if (random.nextInt(5) > 0) {
      members.add("\"code\":310");
    }
    if (random.nextBoolean()) {
      members.add("\"remark\":\"" + pick(random, PIECES) + pick(random, PIECES) + "\"");
    }
    if (random.nextBoolean()) {
      String name = random.nextInt(3) == 0 ? pick(random, PIECES) : "a";
      members.add("\"extFields\":{\"" + name + "\":\"" + pick(random, PIECES) + "\",\"b\":\"c\"}");
    }
    Collections.shuffle(members, random);
    String blank = pick(random, "", "", "", "", "", " ", "\n");
    return "{"
        + blank
        + String.join("," + blank, members)
        + "}"
        + pick(random, "", "", "}", "\n", "x");
  }

  private static byte[] damaged(Random random, byte[] header) {
    byte[] bytes = header.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] = (byte) random.nextInt(256);
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) "{}[]:,\"\\' \n0-9e.tn".charAt(random.nextInt(18));
      default -> System.arraycopy(header, random.nextInt(header.length), bytes, at, 1);
    }
    return bytes;
  }

  private static byte[] withFields(int count) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fields.add("\"f" + i + "\":\"v\"");
    }
    return ("{\"code\":1,\"extFields\":{" + String.join(",", fields) + "}}").getBytes(UTF_8);
  }

  private static RemotingCommand command(Random random) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int left = random.nextInt(8); left > 0; left--) {
      fields.put(pick(random, "msgId", "queueId", "x") + left, ownText(random));
    }
    return new RemotingCommand(
        random.nextInt(),
        LANGUAGES.get(random.nextInt(LANGUAGES.size())),
        random.nextInt(600),
        random.nextInt(),
        random.nextInt(4),
        random.nextInt(3) == 0 ? ownText(random) : null,
        fields,
        HeaderEncoding.JSON);
  }

  private static boolean plain(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x80 && c != '"' && c != '\\');
  }

  private static String ownText(Random random) {
    return switch (random.nextInt(30)) {
      case 0 ->
          pick(
              random, "\"", "\\", "\n", "\u0000", "\u001f", "\u007f", "\u0080", "Zürich", "\u0141");
      case 1 -> pick(random, "\uD83D\uDE00", "\uD83D", "\u2041", "plain ".repeat(200));
      default -> Long.toString(random.nextLong());
    };
  }

  private static String pick(Random random, String... from) {
    return from[random.nextInt(from.length)];
  }
}
