"""The vocabulary both ends share: enums, fixed-point numbers, symbol rules, filters, reject reasons. No I/O."""
