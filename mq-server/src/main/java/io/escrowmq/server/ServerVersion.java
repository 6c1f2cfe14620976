package io.escrowmq.server;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** The version of this build; {@code development} when it runs from classes. */
@Component
public final class ServerVersion {

  private final String text;

  ServerVersion(ObjectProvider<BuildProperties> build) {
    BuildProperties properties = build.getIfAvailable();
    String known = properties == null ? null : properties.getVersion();
    this.text = known == null ? "development" : known;
  }

  /** As in {@code 1.2.3}. */
  public String text() {
    return text;
  }
}
