"""Reading an element: who, where, what it says."""
