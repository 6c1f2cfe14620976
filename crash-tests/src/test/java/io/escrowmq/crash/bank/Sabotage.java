package io.escrowmq.crash.bank;

/**
 * Ways to break the services, each of which the campaign has to notice. They change the SQL of the
 * sample's services on its way to the database, so that the services themselves need no switch.
 */
enum Sabotage {
  /** The services as they are. */
  NONE {
    @Override
    String rewrite(String sql) {
      return sql;
    }
  },

  /** A check-back leaves no tombstone: it looks for a row and says "rollback" if there is none. */
  NO_TOMBSTONE {
    @Override
    String rewrite(String sql) {
      if (sql.startsWith("INSERT INTO escrow_tx")) {
        return journalOnly("C");
      }
      if (sql.startsWith("SELECT state FROM escrow_tx")) {
        return "SELECT coalesce((SELECT state FROM escrow_tx WHERE tx_id = ?), 'R')";
      }
      return sql;
    }
  },

  /** A check-back finds that everything was committed. */
  CREDULOUS_CHECK {
    @Override
    String rewrite(String sql) {
      return sql.startsWith("SELECT state FROM escrow_tx")
          ? "SELECT 'C' WHERE ?::varchar IS NOT NULL"
          : sql;
    }
  },

  /** The local transaction leaves no row in the journal. */
  NO_JOURNAL {
    @Override
    String rewrite(String sql) {
      return sql.startsWith("INSERT INTO escrow_tx") ? journalOnly("R") : sql;
    }
  },

  /** The receiver credits whatever is delivered. */
  NO_INBOX {
    @Override
    String rewrite(String sql) {
      return sql.startsWith("INSERT INTO inbox") ? sql + " ON CONFLICT DO NOTHING" : sql;
    }
  },

  /** The debit is not taken, the journal says it was. */
  NO_DEBIT {
    @Override
    String rewrite(String sql) {
      return sql.startsWith("UPDATE account SET balance_cents = balance_cents - ?")
          ? sql.replaceFirst("balance_cents - \\?", "balance_cents - ? * 0")
          : sql;
    }
  };

  /** The statement that the database gets instead. */
  abstract String rewrite(String sql);

  /** Writes a row of the journal only if it has this state. */
  private static String journalOnly(String state) {
    return """
    INSERT INTO escrow_tx (tx_id, state, transfer_id, created_at) SELECT a, b, c, d FROM
    (SELECT ?::varchar AS a, ?::char(1) AS b, ?::varchar AS c, ?::timestamp AS d) AS given
    WHERE b = '%s'\
    """
        .formatted(state);
  }
}
