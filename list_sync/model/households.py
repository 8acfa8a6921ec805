"""A household: one server with its lists, pins, runs and states of titles; for now there is one."""

HOME = "home"
