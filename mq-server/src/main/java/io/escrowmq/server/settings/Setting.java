package io.escrowmq.server.settings;

/**
 * One row of the reference page.
 *
 * @param key full key, kebab-case
 * @param type what a value looks like, for example {@code duration}
 * @param defaultText default as an operator would write it, or a sentence
 * @param description what it does
 */
public record Setting(String key, String type, String defaultText, String description) {}
