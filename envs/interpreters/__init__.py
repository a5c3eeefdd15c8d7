"""Python interpreters: where they are, what they are, and which one fits."""
