/**
 * What a remoting client can ask, as one record per request, parsed from header fields and bodies
 * with errors that name the field. {@link io.escrowmq.protocol.remoting.request.RemotingRequest} is
 * the list and the way in: a new request is a new record there, and the compiler shows every place
 * that must handle it. JSON bodies that the server writes are here too. Depends on the frame only.
 */
@NullMarked
package io.escrowmq.protocol.remoting.request;

import org.jspecify.annotations.NullMarked;
