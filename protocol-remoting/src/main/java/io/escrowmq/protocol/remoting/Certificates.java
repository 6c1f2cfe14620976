package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate and key, as they are in their files. New ones are for connections that
 * begin later; those that are open go on with what they began with. Thread-safe.
 */
final class Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  /** Longer files are no certificates. */
  private static final long LONGEST_BYTES = 1 << 20;

  private final RemotingSettings.Tls files;
  private volatile SslContext current;
  private Content tried;

  /** What is in the files. */
  @SuppressWarnings("ArrayRecordComponent") // compared by the method below
  private record Content(byte[] certificate, byte[] key) {
    boolean isAs(Content other) {
      return Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
    }
  }

  /**
   * Reads the files; blocks.
   *
   * @throws BrokerException with {@link ErrorCode#INVALID_PARAMETER} if they cannot be used
   */
  Certificates(RemotingSettings.Tls files) {
    this.files = files;
    try {
      this.tried = read();
      this.current = context(tried);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "the TLS certificate "
              + files.certificateFile()
              + " or its key "
              + files.keyFile()
              + " cannot be used: "
              + e.getMessage(),
          "Both must be readable PEM files, the key in PKCS#8 without a password",
          e);
    }
  }

  /** For connections that begin now. */
  SslContext current() {
    return current;
  }

  /** Looks whether the files changed; blocks. What cannot be used is said once and left alone. */
  synchronized void refresh() {
    try {
      Content now = read();
      if (!now.isAs(tried)) {
        tried = now;
        current = context(now);
        LOG.info("TLS certificate read again from {}: it changed", files.certificateFile());
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      LOG.warn(
          "The changed TLS certificate {} or its key {} cannot be used ({}); new connections get the"
              + " old one. Put matching PEM files there, the key in PKCS#8 without a password",
          files.certificateFile(),
          files.keyFile(),
          e.getMessage());
    }
  }

  private Content read() throws IOException {
    return new Content(bytes(files.certificateFile()), bytes(files.keyFile()));
  }

  private static byte[] bytes(String file) throws IOException {
    Path path = Path.of(file);
    if (Files.size(path) > LONGEST_BYTES) {
      throw new IOException(file + " is longer than a certificate or key can be");
    }
    return Files.readAllBytes(path);
  }

  private static SslContext context(Content content) throws IOException, GeneralSecurityException {
    X509Certificate[] chain =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(content.certificate()))
            .stream()
            .map(X509Certificate.class::cast)
            .toArray(X509Certificate[]::new);
    if (chain.length == 0) {
      throw new GeneralSecurityException("there is no certificate in the file");
    }
    PublicKey open = chain[0].getPublicKey();
    PrivateKey key = key(content.key(), open.getAlgorithm());
    requirePair(key, open);
    return SslContextBuilder.forServer(key, chain).protocols("TLSv1.3", "TLSv1.2").build();
  }

  private static PrivateKey key(byte[] pem, String algorithm) throws GeneralSecurityException {
    Matcher text = KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!text.find()) {
      throw new GeneralSecurityException("there is no 'BEGIN PRIVATE KEY' in the key's file");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(text.group(1));
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
  }

  /** While the files are being replaced one of them may be new and the other old. */
  private static void requirePair(PrivateKey key, PublicKey open) throws GeneralSecurityException {
    String algorithm =
        switch (open.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> open.getAlgorithm();
        };
    byte[] sample = "a sample".getBytes(StandardCharsets.US_ASCII);
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(sample);
    byte[] signed = signature.sign();
    signature.initVerify(open);
    signature.update(sample);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key does not belong to the certificate");
    }
  }
}
