"""The Bot API: a method is a function, the table names them all."""
