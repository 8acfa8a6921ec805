"""What ListSync remembers: records, one module a subject."""
