"""The methods' requests, one struct each, in modules by the documentation's chapters."""
