"""Finding orders: what each is found by, what may be asked for, and the days that their money moved on."""
