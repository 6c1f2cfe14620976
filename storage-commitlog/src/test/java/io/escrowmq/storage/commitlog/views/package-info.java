@NullMarked
package io.escrowmq.storage.commitlog.views;

import org.jspecify.annotations.NullMarked;
