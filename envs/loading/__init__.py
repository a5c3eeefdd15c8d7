"""Loading a code location: the shim, the protocol, and the worker it runs in."""
