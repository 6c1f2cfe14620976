/** Tests of the relational engine: the contract kit per database, then what is special to it. */
@NullMarked
package io.escrowmq.storage.jdbc;

import org.jspecify.annotations.NullMarked;
