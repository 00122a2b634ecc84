"""The ways in: service, worker, command line, sandbox and demo, wired by one composition root."""
