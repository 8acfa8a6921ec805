"""The records of ListSync, one module per subject."""
