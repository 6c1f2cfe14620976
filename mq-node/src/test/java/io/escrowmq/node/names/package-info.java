/** Tests of one broker under several names. */
@NullMarked
package io.escrowmq.node.names;

import org.jspecify.annotations.NullMarked;
