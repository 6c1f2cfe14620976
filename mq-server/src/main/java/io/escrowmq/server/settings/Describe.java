package io.escrowmq.server.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The sentence that the reference page has for a setting. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Describe {

  /** What the setting does, and its range where it has one. */
  String value();

  /** What is shown as the default of a setting whose default depends on others. */
  String unset() default "";
}
