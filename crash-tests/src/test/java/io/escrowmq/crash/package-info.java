/**
 * Campaigns against the whole server as a child process: SIGKILL under load, failing syncs, a full
 * disk.
 *
 * <p>Start at {@link io.escrowmq.crash.KillCampaign}. Everything is driven through the official
 * client, so what is checked is what a user would see. Long runs carry the tag {@code campaign}.
 */
@NullMarked
package io.escrowmq.crash;

import org.jspecify.annotations.NullMarked;
