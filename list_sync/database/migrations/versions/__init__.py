"""The revisions, each named for the schema_version that it leads to; never edited once released."""
