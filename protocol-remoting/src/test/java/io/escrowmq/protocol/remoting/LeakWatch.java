package io.escrowmq.protocol.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that lost a buffer; needs the paranoid leak detector, which the build turns
 * on.
 */
final class LeakWatch implements BeforeAllCallback, AfterAllCallback {
  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener(
        new ResourceLeakDetector.LeakListener() {
          @Override
          public void onLeak(String resourceType, String records) {
            leaks.add(resourceType + records);
          }
        });
  }

  @Override
  @SuppressWarnings("SystemGc") // a leak is found when its buffer is collected
  public void afterAll(ExtensionContext context) {
    System.gc();
    // The detector looks for collected buffers when new ones are made.
    for (int i = 0; i < 100; i++) {
      Unpooled.directBuffer(16).release();
    }
    assertThat(leaks).isEmpty();
  }
}
