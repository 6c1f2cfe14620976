package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.HoldId;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What dialects decide without a database. */
class DialectTest {

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://db/bank, postgresql, jdbc:postgresql://db/bank",
    "jdbc:mariadb://db/bank, mariadb, jdbc:mariadb://db/bank",
    "jdbc:mysql://db/bank?useSsl=true, mariadb, jdbc:mariadb://db/bank?useSsl=true",
    "jdbc:h2:file:./x, h2, jdbc:h2:file:./x"
  })
  void theUrlChoosesTheDialect(String url, String vendor, String used) {
    Dialect dialect = Dialect.of(url);
    assertThat(dialect.vendor()).isEqualTo(vendor);
    assertThat(dialect.url(JdbcOptions.of(Map.of("url", url)))).isEqualTo(used);
    assertThat(Schema.vendors()).contains(vendor);
    assertThat(Schema.script(vendor)).contains("mq_schema");
  }

  @Test
  void anotherDatabaseIsRefusedWithoutItsSecrets() {
    assertThatThrownBy(() -> Dialect.of("jdbc:oracle:thin:@db?password=secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:oracle")
        .hasMessageContaining("jdbc:mariadb:")
        .hasMessageNotContaining("secret");
  }

  @Test
  void listsOfIdsHaveFewLengths() {
    HoldId id = new HoldId(0x8000000000000001L, -2);
    Object[] three = {Ids.uuid(id), Ids.uuid(id), Ids.uuid(id)};
    assertThat(new MariaDbDialect().isOneOf("hold_id", three)).isEqualTo("hold_id in (?,?,?,?)");
    Object[] many = Collections.nCopies(257, Ids.uuid(id)).toArray();
    assertThat(new MariaDbDialect().isOneOf("hold_id", many))
        .startsWith("hold_id in (x'8000000000000001fffffffffffffffe',x'")
        .doesNotContain("?");
  }

  @ParameterizedTest
  @CsvSource({
    "40001, 1213, RETRY", // deadlock
    "HY000, 1205, RETRY", // lock wait timeout
    "HY000, 1114, FULL", // table full
    "HY000, 1290, LOST", // read-only
    "70100, 1317, LOST", // statement killed: of a commit nobody knows
    "70100, 1927, LOST", // connection killed
    "08S01, 1053, LOST", // shutdown
    "08004, 1040, LOST", // too many connections
    "23000, 4025, REFUSED", // check constraint
    "22001, 1406, REFUSED", // too long
    "57P01, 0, LOST", // PostgreSQL: shutdown
    "40P01, 0, RETRY" // PostgreSQL: deadlock
  })
  void whatACodeMeans(String state, int code, SqlFailure meaning) {
    SQLException failure = new SQLException("complaint", state, code);
    assertThat(SqlFailure.of(failure)).isEqualTo(meaning);
    assertThat(SqlFailure.of(new BatchUpdateException(new int[0], failure))).isEqualTo(meaning);
  }
}
