"""Single values and entries on the wire, checked."""
