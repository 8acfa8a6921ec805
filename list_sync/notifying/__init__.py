"""The stage after the record: what a run did and what lasts, told to people by messages, once."""
