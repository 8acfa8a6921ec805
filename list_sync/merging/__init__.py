"""Stage 2: the same title on several lists becomes one."""
