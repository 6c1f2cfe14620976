package io.escrowmq.broker.filter;

/** What an expression is for one message: text, a number, or a truth value. */
sealed interface Value permits Verdict, Expression.Text, Expression.Whole, Expression.Real {}
