"""Everything that is put into words: an order explained, its timeline, what an input would do, rules cited."""
