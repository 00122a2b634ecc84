"""The store on PostgreSQL, for several machines."""
