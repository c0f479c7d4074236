"""A customer-messaging engine as a library: channels in, conversations, rules, bots, replies out."""
