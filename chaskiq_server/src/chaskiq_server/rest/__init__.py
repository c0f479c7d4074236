"""The REST API: a file per resource, each route one act of the desk."""
