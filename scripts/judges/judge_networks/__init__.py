"""Keras's twins of examples/networks/, and the formula that their weights and data follow."""
