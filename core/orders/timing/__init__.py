"""When an order is looked at, when a call is sent, and how often at most.

This is arithmetic with times and the policy's data. It proves and changes nothing: a wrong clock only delays a look or
makes it early. Only decisions plan looks. So if a clock is ahead by more than a policy's `looks_end_s` while a decision
is taken, the order is left to hints and people.
"""
