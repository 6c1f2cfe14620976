/** What a Spring Boot application with the official starter may expect from the server. */
@NullMarked
package io.escrowmq.clienttests.spring;

import org.jspecify.annotations.NullMarked;
