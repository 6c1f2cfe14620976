package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages come back from their columns byte for byte. */
class MessageRowTest {

  private static final QueueId QUEUE = new QueueId("orders", 3);

  @Test
  void ordinaryMessagesNeedNoExactBytes() {
    Message message = SampleMessages.indexed(QUEUE, "text", "k1 k2", "u1");
    MessageRow row = MessageRow.of(message);
    assertThat(row.isPlain()).isTrue();
    assertThat(row.message(QUEUE)).isEqualTo(message);
    assertThat(row.toColumns()).contains("u1", "k1 k2");
  }

  @Test
  void unusualPropertiesComeBackToo() {
    String[] texts = {
      "",
      "a\u0001b",
      "a\u0001b\u0002a\u0001c\u0002",
      "no separator",
      "\u0002\u0002",
      "nul\u0001\u0000\u0002",
      "quote\u0001\"\\\n\t\u0002",
      "a\u0001\u0002",
      "\u0001b\u0002",
      "emoji\u0001\uD83D\uDE00\u0002"
    };
    for (String text : texts) {
      Message message = SampleMessages.builder(QUEUE, "x").propertiesText(text).build();
      assertThat(MessageRow.of(message).message(QUEUE)).as("%s", text).isEqualTo(message);
    }
  }

  @Test
  void strangeBytesAroundTheBodyAreKept() {
    InetSocketAddress v6 = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 1);
    Random random = new Random(Seeds.seed("MessageRowTest"));
    for (int i = 0; i < 500; i++) {
      Message whole =
          SampleMessages.builder(QUEUE, "body" + i)
              .propertiesText("KEYS\u0001k\u0002")
              .bornHost(v6)
              .build();
      ByteBuffer bytes = ByteBuffer.allocate(whole.size()).put(whole.bytes()).flip();
      // Anything but lengths, magic, queue, system flag and topic may be anything.
      int[] free = {8, 9, 16, 40, 48, 60, 64, 70, 76, 84, 90, whole.size() - 3};
      bytes.put(free[random.nextInt(free.length)], (byte) random.nextInt());
      Message sent = Message.wrap(bytes).stamped(0, 0, 0);
      assertThat(MessageRow.of(sent).message(QUEUE)).isEqualTo(sent);
    }
  }

  @Test
  void propertiesAreJsonForPeople() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("b", "2");
    properties.put("a", "say \"hi\"\u0007");
    String json = PropertiesJson.write(properties);
    assertThat(json).isEqualTo("{\"b\":\"2\",\"a\":\"say \\\"hi\\\"\\u0007\"}");
    assertThat(PropertiesJson.read(json)).containsExactlyEntriesOf(properties);
    assertThat(PropertiesJson.read(PropertiesJson.write(Map.of()))).isEmpty();
  }
}
