"""Files: how they come in, what is in them, where they lie, who may fetch them."""
