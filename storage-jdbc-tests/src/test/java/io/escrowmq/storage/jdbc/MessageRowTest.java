package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import io.escrowmq.spi.storage.testkit.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages come back from their columns byte for byte. */
class MessageRowTest {

  private static final QueueId QUEUE = new QueueId("orders", 3);

  private static final Map<ColumnType, String> SQL_TYPES =
      Map.of(
          ColumnType.INT, "integer",
          ColumnType.LONG, "bigint",
          ColumnType.TEXT, "varchar",
          ColumnType.BYTES, "varbinary");

  private Connection database;

  @BeforeEach
  void open() throws SQLException {
    database = DriverManager.getConnection("jdbc:h2:mem:", "sa", "");
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void ordinaryMessagesNeedNoExactBytes() throws SQLException {
    Message message = SampleMessages.indexed(QUEUE, "text", "k1 k2", "u1");
    MessageRow row = MessageRow.of(message);
    assertThat(row.isPlain()).isTrue();
    assertThat(readBack(row)).isEqualTo(message);
    assertThat(row.toColumns()).contains("u1", "k1 k2");
  }

  @Test
  void unusualPropertiesComeBackToo() throws SQLException {
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
      assertThat(readBack(MessageRow.of(message))).as("%s", text).isEqualTo(message);
    }
  }

  @Test
  void strangeBytesAroundTheBodyAreKept() throws SQLException {
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
      assertThat(readBack(MessageRow.of(sent))).isEqualTo(sent);
    }
  }

  @Test
  void aRowThatDoesNotFitTogetherIsNotGuessedAt() {
    MessageRow row = MessageRow.of(SampleMessages.message(QUEUE, "text"));
    @Nullable Object[] columns = row.toColumns();
    columns[MessageRow.COLUMNS.indexOf("size_bytes")] = 17;
    assertThatThrownBy(() -> readBack(columns)).hasMessageContaining("its row says 17");
  }

  @Test
  void propertiesAreJsonForPeople() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("b", "2");
    properties.put("a", "say \"hi\"\u0007");
    String json = PropertiesJson.write(properties);
    assertThat(json).isEqualTo("{\"b\":\"2\",\"a\":\"say \\\"hi\\\"\\u0007\"}");
    assertThat(PropertiesJson.read(json)).containsExactlyEntriesOf(properties);
    assertThat(PropertiesJson.toText(json)).isEqualTo(MessageProperties.format(properties));
    assertThat(PropertiesJson.toText("{}")).isEmpty();
    for (String broken : new String[] {"", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"b\"", "x"}) {
      assertThatThrownBy(() -> PropertiesJson.toText(broken))
          .as("%s", broken)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(PropertiesJson.read(PropertiesJson.write(Map.of()))).isEmpty();
  }

  private Message readBack(MessageRow row) throws SQLException {
    return readBack(row.toColumns());
  }

  /** Sends the columns through a database. */
  private Message readBack(@Nullable Object[] columns) throws SQLException {
    List<String> names = List.of(Records.COLUMNS.split(", "));
    String sql =
        names.stream()
            .map(name -> "cast(? as " + SQL_TYPES.get(typeOf(name)) + ")")
            .collect(Collectors.joining(", ", "select ", ""));
    try (PreparedStatement statement = database.prepareStatement(sql)) {
      for (int i = 0; i < names.size(); i++) {
        statement.setObject(i + 1, columns[MessageRow.COLUMNS.indexOf(names.get(i))]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Records().read(row, 1, QUEUE, Records.Stamp.NONE);
      }
    }
  }

  private static ColumnType typeOf(String name) {
    return MessageRow.TYPES.get(MessageRow.COLUMNS.indexOf(name));
  }
}
