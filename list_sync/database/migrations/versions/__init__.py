"""The revisions. Each is named after its schema_version, and is never changed after its release."""
