package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.IntakeScope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What differs between databases when applications leave messages in them. Stateless. */
sealed interface IntakeDialect {

  /** True if a store in this database can take rows and append messages in one transaction. */
  boolean inStore();

  /** True if applications can call a server that sleeps. */
  boolean calls();

  /**
   * True if rows say which transaction wrote them, and a query which transactions had ended: then
   * rows that are gone need not be passed over again, however long an old snapshot keeps them.
   */
  boolean knowsTransactions();

  /**
   * An expression that says why a row is too long to be a message, or that it is not: an empty
   * text. Only of columns that the tables themselves do not limit.
   */
  String defect();

  /** The condition that a row belongs to a part. */
  String inPart(IntakeScope scope);

  /**
   * Which rights the session lacks, if any.
   *
   * @param table the name of a table by its suffix
   */
  Optional<String> missingRights(Connection connection, UnaryOperator<String> table)
      throws SQLException;

  /** PostgreSQL 14 and later. */
  record Postgres() implements IntakeDialect {

    private record Right(String suffix, String privilege) {}

    private static final List<Right> RIGHTS =
        List.of(
            new Right("", "select"),
            new Right("", "update"),
            new Right("", "delete"),
            new Right("_rejected", "select"),
            new Right("_rejected", "insert"),
            new Right("_state", "update"),
            new Right("_mover", "select"),
            new Right("_mover", "insert"),
            new Right("_mover", "update"));

    @Override
    public boolean inStore() {
      return true;
    }

    @Override
    public boolean calls() {
      return true;
    }

    @Override
    public boolean knowsTransactions() {
      return true;
    }

    @Override
    public String defect() {
      return "case when octet_length(body) > 4194304 then 'the body has more than 4194304 bytes'"
          + " when octet_length(message_keys) > 4096 then 'the keys have more than 4096 bytes'"
          + " when octet_length(tags) > 4096 then 'the tags have more than 4096 bytes'"
          + " when octet_length(ordering_key) > 1024 then 'the ordering key has more than 1024 bytes'"
          + " when octet_length(properties::text) > 24576 then 'the properties have more than 24576 bytes'"
          + " else '' end";
    }

    @Override
    public String inPart(IntakeScope scope) {
      return "abs(mod(coalesce(hashtext(ordering_key)::bigint, id), "
          + scope.parts()
          + ")) = "
          + scope.part();
    }

    @Override
    public Optional<String> missingRights(Connection connection, UnaryOperator<String> table)
        throws SQLException {
      List<String> missing = new ArrayList<>();
      try (PreparedStatement statement =
          connection.prepareStatement("select has_table_privilege(?, ?)")) {
        for (Right right : RIGHTS) {
          String name = table.apply(right.suffix);
          statement.setString(1, name);
          statement.setString(2, right.privilege);
          try (ResultSet row = statement.executeQuery()) {
            if (!row.next() || !row.getBoolean(1)) {
              missing.add("no " + right.privilege + " on " + name);
            }
          }
        }
      }
      return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", missing));
    }
  }

  /** Databases from which messages are only relayed, by one server, which looks for them. */
  record Plain() implements IntakeDialect {

    @Override
    public boolean inStore() {
      return false;
    }

    @Override
    public boolean calls() {
      return false;
    }

    @Override
    public boolean knowsTransactions() {
      return false;
    }

    @Override
    public String defect() {
      return "''";
    }

    @Override
    public String inPart(IntakeScope scope) {
      throw new IllegalArgumentException("an intake in this database cannot be divided");
    }

    @Override
    public Optional<String> missingRights(Connection connection, UnaryOperator<String> table) {
      return Optional.empty();
    }
  }
}
