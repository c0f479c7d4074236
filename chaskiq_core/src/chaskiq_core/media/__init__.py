"""Where files live, what they really are, and the addresses under which they may be fetched."""
