package io.escrowmq.node;

import io.escrowmq.broker.Broker;
import io.escrowmq.spi.storage.ForeignIntake;
import io.escrowmq.spi.storage.IntakeProvider;
import io.escrowmq.spi.storage.IntakeScope;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.TimeSource;
import java.util.ServiceLoader;

/** Opens the tables in which applications leave messages, and gives them to the broker. */
final class NodeIntakes {

  private final NodeSettings settings;
  private final TimeSource time;

  NodeIntakes(NodeSettings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
  }

  /**
   * Opens every table of the settings.
   *
   * @throws NodeStartException if one cannot be used until somebody does something
   */
  void open(Broker broker, Storage storage) {
    settings
        .intakes()
        .forEach((name, intake) -> {
          String where = "escrowmq.intake." + name;
          try {
            if (intake.besideTheStore()) {
              own(broker, storage, name, intake);
            } else {
              broker.moveFrom(name, foreign(broker, intake));
            }
          } catch (StorageException e) {
            throw new NodeStartException(
                "The intake cannot be used", where, e.getMessage() + "", e.remedy(), e);
          } catch (IllegalArgumentException e) {
            throw new NodeStartException(
                "The intake's settings are wrong",
                where,
                e.getMessage() + "",
                "Correct the setting and start again.",
                e);
          }
        });
  }

  private void own(Broker broker, Storage storage, String name, IntakeSettings intake) {
    IntakeScope scope = new IntakeScope(intake.schema(), intake.part(), intake.parts());
    broker.moveFrom(
        name,
        storage
            .intake(scope)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the store is no database that applications use ("
                        + settings.storageType()
                        + "): name theirs in escrowmq.intake."
                        + name
                        + ".url")));
  }

  private ForeignIntake foreign(Broker broker, IntakeSettings intake) {
    String url = intake.options().getOrDefault(IntakeSettings.URL, "");
    for (IntakeProvider provider :
        ServiceLoader.load(IntakeProvider.class, NodeIntakes.class.getClassLoader())) {
      if (provider.accepts(url)) {
        return provider.open(intake.options(), broker.storeName(), time);
      }
    }
    throw new IllegalArgumentException(
        "no module knows databases like " + url.replaceAll("[?;].*", ""));
  }
}
