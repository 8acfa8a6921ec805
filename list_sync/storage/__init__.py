"""What ListSync remembers, in one database file; the only package that knows SQLAlchemy."""
