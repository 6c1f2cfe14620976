package io.escrowmq.server.cli;

import io.escrowmq.node.NodeSettings;
import io.escrowmq.node.NodeStartException;
import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.server.settings.EscrowSettings;
import io.escrowmq.server.settings.NodeSettingsFactory;
import io.escrowmq.server.settings.SettingsText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A store as commands name it: {@code TYPE[:DIR]}, and the settings that a server would have
 * besides.
 */
public final class StoreOption {

  private static final String DEFAULT_DIRECTORY = "./data";
  private static final String SERVER_SETTING = EscrowSettings.PREFIX + ".";

  private StoreOption() {}

  /**
   * The store that a server with these settings would open.
   *
   * @param option name of the command's option; the one for settings ends in {@code -set}
   * @param store {@code TYPE} or {@code TYPE:DIR}
   * @param settings {@code KEY=VALUE} each, with or without the prefix of our keys
   * @throws IllegalArgumentException if that does not describe a store; says why and what to do
   */
  public static Side side(String option, String store, List<String> settings) {
    int colon = store.indexOf(':');
    String type = colon < 0 ? store : store.substring(0, colon);
    String directory = colon < 0 ? DEFAULT_DIRECTORY : store.substring(colon + 1);
    if (type.isBlank() || directory.isBlank()) {
      throw new IllegalArgumentException(option + " wants TYPE or TYPE:DIR, not '" + store + "'");
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(option + "-set wants KEY=VALUE, not '" + setting + "'");
      }
      String key = setting.substring(0, equals);
      values.put(
          key.startsWith(SERVER_SETTING) ? key : SERVER_SETTING + key,
          setting.substring(equals + 1));
    }
    values.put(SERVER_SETTING + "storage.type", type);
    values.put(SERVER_SETTING + "data-dir", directory);
    return side(option, values);
  }

  private static Side side(String option, Map<String, String> values) {
    try {
      EscrowSettings settings = SettingsText.bind(values);
      if (settings.cluster().shards() > 0) {
        throw new IllegalArgumentException(
            option
                + ": cluster.shards="
                + settings.cluster().shards()
                + " makes several stores of one database, and this command knows one store only."
                + " Name a store without cluster.shards; to bring messages to servers that share a"
                + " database, send them there");
      }
      NodeSettings node = NodeSettingsFactory.from(settings);
      String url = node.storage().options().get("url");
      String where = url == null ? node.storage().directory().toString() : withoutSecrets(url);
      return new Side(node.storageType(), node.storage(), node.storageType() + " in " + where);
    } catch (NodeStartException e) {
      throw new IllegalArgumentException(
          option + ": " + e.what() + ": " + e.where() + ": " + e.why() + ". " + e.remedy(), e);
    }
  }

  /** The URL with the schema, but with no other parameter: one may be a password. */
  static String withoutSecrets(String url) {
    StringBuilder shown =
        new StringBuilder(url.replaceFirst("[?;].*", "").replaceFirst("//[^/@]*@", "//"));
    java.util.regex.Matcher schema =
        java.util.regex.Pattern.compile("[?&;](currentSchema=[^&;]*)").matcher(url);
    if (schema.find()) {
      shown.append('?').append(schema.group(1));
    }
    return shown.toString();
  }
}
