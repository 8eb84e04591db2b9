"""Tables of what requests say about their senders, and what we make of it."""
