"""The one account and app of the sandbox."""

from chaskiq_x.manifest import XSettings

ACCOUNT, APP = "4337869213", "268278"
SETTINGS = XSettings(
    user_id=ACCOUNT,
    consumer_key="sandbox-consumer-key",
    consumer_secret="sandbox-consumer-secret",
    access_token=f"{ACCOUNT}-sandbox-token",
    access_token_secret="sandbox-token-secret",
    app_id=APP,
)
