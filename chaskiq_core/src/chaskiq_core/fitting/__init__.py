"""What a part says, cut to what a channel carries; pure."""
