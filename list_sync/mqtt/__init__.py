"""ListSync as a device of Home Assistant, by a broker of MQTT; only a daemon with MQTT_URL has it."""
