"""The name of a household: one server with its lists, pins, runs and states of titles."""

# The household of the environment and of lists.yaml.
HOME = "home"
