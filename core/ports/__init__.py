"""What the core needs from outside, one file a port. Adapters raise only `PortError`s; business outcomes are values."""
