"""What is not kept for ever: sweeps by policy, and customers who are forgotten."""
