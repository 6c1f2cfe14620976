/** Tests of what the REST API does by itself. */
@org.jspecify.annotations.NullMarked
package io.escrowmq.server.rest;
