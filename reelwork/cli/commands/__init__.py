"""The commands, one function each; their docstrings are their help."""
