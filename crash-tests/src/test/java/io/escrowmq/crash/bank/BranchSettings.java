package io.escrowmq.crash.bank;

import java.nio.file.Path;
import java.util.List;

/**
 * What a service of the bank is told when it starts.
 *
 * @param name of the instance, one word
 * @param side the database its transfers come from or go to
 * @param incarnation how often this instance has been started, from 1; part of its transfers' names
 * @param url JDBC URL of the database of that side
 * @param haltAfter which fault point ends the process, 0 for none
 * @param slownessMs how long half of the local transactions wait before their first statement
 * @param liesPercent share of transactions that send both decisions, 0 to 100
 * @param files folder for what the process has to tell
 */
record BranchSettings(
    Role role,
    String name,
    Side side,
    int incarnation,
    String nameServer,
    String url,
    long haltAfter,
    int slownessMs,
    int liesPercent,
    Sabotage sabotage,
    Path files) {

  static final String LIES = "bank-lies";

  /** What a service does. */
  enum Role {
    SENDER,
    RECEIVER
  }

  /** A database; transfers from here to the other one have their own topic. */
  enum Side {
    A,
    B;

    /** Topic of the transfers that leave this side. */
    String topic() {
      return this == A ? "bank-a-to-b" : "bank-b-to-a";
    }

    /** Producer group of those who send from here. */
    String senders() {
      return "bank-senders-" + this;
    }

    Side other() {
      return this == A ? B : A;
    }

    String schema() {
      return this == A ? "bank_a" : "bank_b";
    }
  }

  /** Arguments of the process. */
  List<String> toArguments() {
    return List.of(
        role.name(),
        name,
        side.name(),
        Integer.toString(incarnation),
        nameServer,
        url,
        Long.toString(haltAfter),
        Integer.toString(slownessMs),
        Integer.toString(liesPercent),
        sabotage.name(),
        files.toString());
  }

  static BranchSettings of(String[] arguments) {
    return new BranchSettings(
        Role.valueOf(arguments[0]),
        arguments[1],
        Side.valueOf(arguments[2]),
        Integer.parseInt(arguments[3]),
        arguments[4],
        arguments[5],
        Long.parseLong(arguments[6]),
        Integer.parseInt(arguments[7]),
        Integer.parseInt(arguments[8]),
        Sabotage.valueOf(arguments[9]),
        Path.of(arguments[10]));
  }

  BranchSettings again(long newHaltAfter) {
    return new BranchSettings(
        role,
        name,
        side,
        incarnation + 1,
        nameServer,
        url,
        newHaltAfter,
        slownessMs,
        liesPercent,
        sabotage,
        files);
  }
}
