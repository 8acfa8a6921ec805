"""The wire code that several list sources share."""
