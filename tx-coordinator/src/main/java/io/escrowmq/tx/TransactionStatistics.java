package io.escrowmq.tx;

/**
 * Figures of the coordinator. Counters start at 0 with the process; gauges are read from the store.
 *
 * @param open undecided and asked about (gauge)
 * @param parked undecided, waiting for a person or a late END (gauge)
 * @param oldestOpenMs age of the oldest open transaction among the first 10 000 by id,
 *     milliseconds; 0 if none is open (gauge)
 * @param waitingForProducer due for a question while nobody of their group is connected, as of the
 *     last sweep (gauge)
 * @param prepared half messages held
 * @param committed decisions to commit
 * @param rolledBack decisions to roll back
 * @param conflicts requests for the other decision than the recorded one
 * @param asked questions written to a connection
 * @param answered answers to questions, those that did not decide included
 * @param checkErrors questions that could not be asked because of an error
 */
public record TransactionStatistics(
    long open,
    long parked,
    long oldestOpenMs,
    long waitingForProducer,
    long prepared,
    long committed,
    long rolledBack,
    long conflicts,
    long asked,
    long answered,
    long checkErrors) {}
