"""What an update says: messages and their content, people, who came and who left."""
