package io.escrowmq.server.rest;

import org.springframework.http.HttpStatus;

/** What is not there, said the same way everywhere. */
final class Missing {

  private Missing() {}

  static ApiException topic(String name) {
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "TOPIC_NOT_FOUND",
        "Topic " + name + " does not exist",
        "List topics with 'mq topic list', create it with 'mq topic create " + name + "'.");
  }

  static ApiException group(String name) {
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "GROUP_NOT_FOUND",
        "Group " + name + " does not exist",
        "List groups with 'mq group list'; a group exists once a consumer of it connected.");
  }

  static ApiException transaction(String handle) {
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "TRANSACTION_NOT_FOUND",
        "There is no transaction " + handle,
        "It may have been decided longer ago than decisions are kept. List open ones with 'mq tx"
            + " list', look for a message's key with 'mq tx list --key KEY'.");
  }

  static ApiException message(String what) {
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "MESSAGE_NOT_FOUND",
        "No visible message has " + what,
        "It may be undecided, delayed, expired by retention, or in another topic.");
  }
}
