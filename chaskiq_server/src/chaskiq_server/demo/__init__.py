"""The demo: a server with a customer, a bot, a rule and an agent, and a provider that is a sandbox."""
