"""The pages that people open in a browser: a module for each, whole without script."""
