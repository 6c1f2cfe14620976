package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.WireClient.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests as the official clients do. */
record Signed(String accessKey, String secretKey) {

  Received call(WireClient client, int code, Map<String, String> fields, byte[] body)
      throws IOException {
    return client.call(code, sign(fields, body), body);
  }

  Received call(WireClient client, int code, Map<String, String> fields) throws IOException {
    return call(client, code, fields, new byte[0]);
  }

  /** The fields with the three that the signature adds. */
  Map<String, String> sign(Map<String, String> fields, byte[] body) {
    Map<String, String> all = new HashMap<>(fields);
    all.put("AccessKey", accessKey);
    String values = String.join("", new TreeMap<>(all).values());
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      mac.update(values.getBytes(StandardCharsets.UTF_8));
      all.put("Signature", Base64.getEncoder().encodeToString(mac.doFinal(body)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }
}
