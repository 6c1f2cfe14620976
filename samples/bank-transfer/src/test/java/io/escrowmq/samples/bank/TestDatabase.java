package io.escrowmq.samples.bank;

import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** An H2 database in memory, for one test. */
public final class TestDatabase {
  private TestDatabase() {}

  /** A database that lives as long as the JVM; the name keeps tests apart. */
  public static DataSource named(String name) {
    JdbcDataSource dataSource = new JdbcDataSource();
    dataSource.setURL("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000");
    return dataSource;
  }
}
