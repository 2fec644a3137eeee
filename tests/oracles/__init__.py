"""Independent oracles: what a device's stored configuration means, worked out from the vendors' facts alone."""
