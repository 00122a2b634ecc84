"""The stories `paystate demo` tells, run against the sandbox."""
