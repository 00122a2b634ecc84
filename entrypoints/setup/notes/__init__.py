"""What a process notes beside its requests, for people: no request waits for it or fails because of it."""
