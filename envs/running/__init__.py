"""Driving a worker that carries out runs."""
