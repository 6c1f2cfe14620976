package io.escrowmq.tx;

/** The answer to an operator who wants a transaction decided. */
public sealed interface OperatorOutcome {

  /** The coordinator was asked, and said this. */
  record Ended(EndOutcome outcome) implements OperatorOutcome {}

  /** Noted; a second operator has to ask for the same. */
  record Proposed(Proposal proposal) implements OperatorOutcome {}

  /** The same operator proposed it before: it takes another one. Nothing changed. */
  record OwnProposal(Proposal proposal) implements OperatorOutcome {}

  /** The other decision is proposed: it has to be withdrawn first. Nothing changed. */
  record OtherProposal(Proposal proposal) implements OperatorOutcome {}
}
