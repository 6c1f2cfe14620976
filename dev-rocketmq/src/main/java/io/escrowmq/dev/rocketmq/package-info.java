/** A throw-away Apache RocketMQ. */
@NullMarked
package io.escrowmq.dev.rocketmq;

import org.jspecify.annotations.NullMarked;
