package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.IntakeProvider;
import io.escrowmq.spi.storage.IntakeScope;
import io.escrowmq.spi.storage.TimeSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Intake tables in the databases that have a dialect. */
public final class JdbcIntakeProvider implements IntakeProvider {

  private static final String SCHEMA = "schema";

  /** One for the mover, one for the figures. */
  private static final String CONNECTIONS = "2";

  @Override
  public boolean accepts(String url) {
    return url.startsWith("jdbc:");
  }

  @Override
  public ForeignIntake open(Map<String, String> options, String store, TimeSource time) {
    Map<String, String> own = new HashMap<>(options);
    String schema = own.remove(SCHEMA);
    own.put("reader-connections", CONNECTIONS);
    JdbcOptions jdbc = JdbcOptions.of(own);
    Connections connections = new Connections(jdbc, Dialect.of(jdbc.url()), Optional.empty());
    Readers readers = new Readers(connections);
    IntakeScope scope = IntakeScope.all(schema == null ? "" : schema);
    IntakeRows rows = new IntakeRows(readers, connections.dialect(), scope, store, time);
    return new JdbcForeignIntake(readers, rows, new IntakeBell(rows, connections));
  }
}
