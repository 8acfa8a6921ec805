"""What was measured on the real servers, as data: raw requests and the answers they get in each dialect."""
