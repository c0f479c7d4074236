"""The phone page: a person plays the customer in a browser."""
