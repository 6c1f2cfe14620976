package io.escrowmq.protocol.remoting.request;

/**
 * The two spellings of the send header (Apache RocketMQ remoting protocol): long names in requests
 * 10 and 324, one letter each in 310, 320 and 325.
 */
enum SendNames {
  LONG,
  SHORT;

  private String pick(String longName, String shortName) {
    return this == LONG ? longName : shortName;
  }

  String producerGroup() {
    return pick("producerGroup", "a");
  }

  String topic() {
    return pick("topic", "b");
  }

  String defaultTopic() {
    return pick("defaultTopic", "c");
  }

  String defaultTopicQueues() {
    return pick("defaultTopicQueueNums", "d");
  }

  String queue() {
    return pick("queueId", "e");
  }

  String systemFlag() {
    return pick("sysFlag", "f");
  }

  String bornTime() {
    return pick("bornTimestamp", "g");
  }

  String flag() {
    return pick("flag", "h");
  }

  String properties() {
    return pick("properties", "i");
  }

  String reconsumeTimes() {
    return pick("reconsumeTimes", "j");
  }

  String maxReconsumeTimes() {
    return pick("maxReconsumeTimes", "l");
  }

  String batch() {
    return pick("batch", "m");
  }
}
