"""What changed since another revision: which locations that can affect, and how their definitions differ."""
