package io.escrowmq.crash.bank;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known when everything has come to rest.
 *
 * @param openingCents all the money before the first transfer
 * @param balanceCents all the money on the accounts now
 * @param debits cents by transfer
 * @param credits cents by transfer
 * @param decided what the audit trail says; empty if the server has none
 * @param undecided keys of transactions that are still open
 */
record Evidence(
    long openingCents,
    long balanceCents,
    Map<String, Long> debits,
    Map<String, Long> credits,
    List<JournalRow> journal,
    List<Visible> visible,
    Optional<List<Decided>> decided,
    List<LieReply> lies,
    List<String> undecided) {

  /** A row of the journal: {@code C} or {@code R}. */
  record JournalRow(String txId, String state, String transferId) {}

  /** A message that a consumer can see; the key is the transfer's or the lie's name. */
  record Visible(String txId, String key, String topic, String queue, long offset, long storedMs) {}

  /** A record of the audit trail. */
  record Decided(String handle, String txId, boolean commit, String by, String at) {}

  /** An answer to a decision of a liar, in the order of the questions. */
  record LieReply(String txId, String key, boolean commit, int code) {

    boolean acknowledged() {
      return code == 0;
    }
  }

  /** Everything about a transfer, a lie or a transaction, by its name or any of its ids. */
  List<String> history(String id) {
    List<String> ids = new ArrayList<>(List.of(id));
    journal.stream().filter(it -> it.transferId().equals(id)).forEach(it -> ids.add(it.txId()));
    journal.stream().filter(it -> it.txId().equals(id)).forEach(it -> ids.add(it.transferId()));
    visible.stream().filter(it -> it.key().equals(id)).forEach(it -> ids.add(it.txId()));
    List<String> lines = new ArrayList<>();
    ids.stream().filter(debits::containsKey).forEach(it -> lines.add("debit of " + it));
    journal.stream().filter(it -> ids.contains(it.txId())).forEach(it -> lines.add("" + it));
    lies.stream().filter(it -> ids.contains(it.txId())).forEach(it -> lines.add("" + it));
    decided.orElse(List.of()).stream()
        .filter(it -> ids.contains(it.txId()))
        .forEach(it -> lines.add("" + it));
    visible.stream().filter(it -> ids.contains(it.txId())).forEach(it -> lines.add("" + it));
    ids.stream().filter(credits::containsKey).forEach(it -> lines.add("credit of " + it));
    return lines.stream().distinct().toList();
  }
}
