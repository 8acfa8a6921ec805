"""Code for the APIs of sources that several providers share."""
