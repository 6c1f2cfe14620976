/** Tests of the settings: what is refused, and the reference page. */
@NullMarked
package io.escrowmq.server.settings;

import org.jspecify.annotations.NullMarked;
