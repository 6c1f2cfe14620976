/**
 * Every setting of the server: its name, type, default and meaning, in one place.
 *
 * <p>Start at {@link io.escrowmq.server.settings.EscrowSettings}. {@link
 * io.escrowmq.server.settings.SettingsCatalog} reads that record by reflection, so that the check
 * for unknown keys and the reference page can never disagree with the code; {@link
 * io.escrowmq.server.settings.SettingsGuard} runs the checks before anything is started.
 */
@NullMarked
package io.escrowmq.server.settings;

import org.jspecify.annotations.NullMarked;
