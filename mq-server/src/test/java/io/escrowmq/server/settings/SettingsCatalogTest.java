package io.escrowmq.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsCatalogTest {

  private final SettingsCatalog catalog = SettingsCatalog.instance();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "escrowmq.data-dir",
        "escrowmq.dataDir",
        "escrowmq.storage.type",
        "escrowmq.storage.retention.max-bytes",
        "escrowmq.storage.commitlog.segment-bytes",
        "escrowmq.remoting.name-server-port",
        "escrowmq.allow-insecure-bind",
        "escrowmq.grpc.port",
        "escrowmq.intake.bank.url",
        "escrowmq.intake.other-bank.schema"
      })
  void knowsKeys(String key) {
    assertThat(catalog.knows(key)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "escrowmq.data",
        "escrowmq.storagetype",
        "escrowmq.storage",
        "escrowmq.remoting.port.x",
        "escrowmq.campaign",
        "escrowmq.intake.bank",
        "escrowmq.intake.bank.urls",
        "escrowmq.intake.bank.own.url"
      })
  void refusesOthers(String key) {
    assertThat(catalog.knows(key)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ESCROWMQ_DATA_DIR",
        "ESCROWMQ_DATADIR",
        "ESCROWMQ_STORAGE_TYPE",
        "ESCROWMQ_STORAGE_COMMITLOG_SEGMENTBYTES",
        "ESCROWMQ_INTAKE_BANK_URL"
      })
  void knowsVariables(String name) {
    assertThat(catalog.knowsVariable(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ESCROWMQ_DATA", "ESCROWMQ_STORAGETYPE", "ESCROWMQ_HOME"})
  void refusesOtherVariables(String name) {
    assertThat(catalog.knowsVariable(name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "escrowmq.data-dirr, escrowmq.data-dir",
    "escrowmq.remoting.prt, escrowmq.remoting.port",
    "escrowmq.nameserver-port, escrowmq.remoting.name-server-port",
    "escrowmq.transactions.check-firts, escrowmq.transactions.check-first",
    "escrowmq.durability, escrowmq.storage.durability"
  })
  void suggestsTheNearest(String wrong, String right) {
    assertThat(catalog.nearest(wrong)).contains(right);
  }

  @Test
  void suggestsNothingForNonsense() {
    assertThat(catalog.nearest("escrowmq.zzzzzzzzzzzzzzzzzzzzzzzzzzzzz")).isEmpty();
  }

  @Test
  void readsDefaultsFromTheRecords() {
    assertThat(catalog.settings())
        .filteredOn(setting -> setting.key().equals("escrowmq.transactions.check-first"))
        .singleElement()
        .satisfies(setting -> {
          assertThat(setting.defaultText()).isEqualTo("`6s`");
          assertThat(setting.type()).isEqualTo("duration");
        });
  }
}
