"""The first stage, from lists to titles: several lists are read at once, and each is checked for completeness."""
