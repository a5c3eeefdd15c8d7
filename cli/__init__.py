"""The command line: parse, call, render. Knows the terminal; nothing else does."""
