"""The command line: `paystate`."""
