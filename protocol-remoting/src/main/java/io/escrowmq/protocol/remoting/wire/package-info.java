/**
 * The remoting frame on the wire: its two header encodings, the limits that hold before anything is
 * allocated, and the small JSON reader and writer that headers and bodies share. Start with {@link
 * io.escrowmq.protocol.remoting.wire.RemotingCommand}, then {@link
 * io.escrowmq.protocol.remoting.wire.FrameDecoder} and {@link
 * io.escrowmq.protocol.remoting.wire.FrameEncoder}; {@code docs/formats/remoting.md} draws the
 * bytes. Nothing here knows a broker.
 */
@NullMarked
package io.escrowmq.protocol.remoting.wire;

import org.jspecify.annotations.NullMarked;
