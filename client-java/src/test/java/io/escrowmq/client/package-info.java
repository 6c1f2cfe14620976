/** Tests of the client library. */
@org.jspecify.annotations.NullMarked
package io.escrowmq.client;
