"""Reading a mail, however broken: its parts, headers, words, reports."""
