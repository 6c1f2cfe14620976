package io.escrowmq.server.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority and servers' certificates from it, made by the JDK's keytool, as PEM files. Not
 * thread-safe.
 */
public final class TestCertificates {
  private static final String PASSWORD = "only-for-tests";

  private final Path folder;

  /** Makes an authority; its files and all others go to this folder. */
  public TestCertificates(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    keytool(
        "-genkeypair",
        "-alias",
        "ca",
        "-keyalg",
        "EC",
        "-dname",
        "CN=test-authority",
        "-ext",
        "bc:c");
    keytool("-exportcert", "-alias", "ca", "-rfc", "-file", authority().toString());
  }

  /** What clients trust. */
  public Path authority() {
    return folder.resolve("ca.pem");
  }

  /** The certificate that the server is told to use. */
  public Path certificate() {
    return folder.resolve("server.pem");
  }

  /** Its key. */
  public Path key() {
    return folder.resolve("server.key");
  }

  /**
   * Makes a new certificate for this machine and puts it where the server looks: first the key,
   * then the certificate.
   *
   * @param name its common name, used once
   */
  public X509Certificate install(String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    String subject = "CN=" + name;
    keytool("-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", subject);
    Path request = folder.resolve(name + ".csr");
    Path signed = folder.resolve(name + ".crt");
    keytool("-certreq", "-alias", name, "-file", request.toString());
    List<String> sign = new ArrayList<>(List.of("-gencert", "-alias", "ca", "-rfc"));
    sign.addAll(List.of("-ext", "san=ip:127.0.0.1,dns:localhost"));
    sign.addAll(List.of("-infile", request.toString(), "-outfile", signed.toString()));
    keytool(sign.toArray(String[]::new));
    Path newKey = folder.resolve(name + ".key");
    Files.writeString(newKey, keyOf(name), US_ASCII);
    Files.move(newKey, key(), StandardCopyOption.REPLACE_EXISTING);
    Files.move(signed, certificate(), StandardCopyOption.REPLACE_EXISTING);
    return certificateIn(certificate());
  }

  /** The first certificate in a PEM file. */
  public static X509Certificate certificateIn(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private String keyOf(String alias) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(keyStore().toFile(), PASSWORD.toCharArray());
    byte[] key = store.getKey(alias, PASSWORD.toCharArray()).getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }

  private Path keyStore() {
    return folder.resolve("keys.p12");
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", keyStore().toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), US_ASCII);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", arguments) + ": " + printed);
    }
  }
}
