"""How long tests wait for what must come: a bound for what hangs, never a measure of speed."""

HANGS_S = 120.0
"""Real seconds after which whatever is waited for never comes, however slow and busy the machine is."""
