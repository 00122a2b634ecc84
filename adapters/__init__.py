"""The outside world, one technology each, behind the ports of `paystate.core`."""
