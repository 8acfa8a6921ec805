"""Match results and the terms of their lists become wishes; no I/O at all."""
