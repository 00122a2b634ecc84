"""Paystate's rules, pure: no clock, no randomness, no input or output."""
