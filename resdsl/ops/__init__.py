"""The primitive ops, one class each. Importing this package fills `Op.registry`."""
