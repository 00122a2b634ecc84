"""Where orders, journal, inbox and outbox are kept: the `Store` of `paystate.core`."""
