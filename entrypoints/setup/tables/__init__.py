"""Tables of the settings that have a subject of their own: what each may say, and what is wrong with it."""
