"""The settings of the house, from the environment, a `.env` file or arguments; CONTRACT.md lists them."""

from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chaskiq_core.errors import SettingsError

MIN_SECRET_CHARACTERS = 32


class Settings(BaseSettings):
    """All settings; each field is `CHASKIQ_` and its name in capitals in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="CHASKIQ_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field("sqlite:///chaskiq.db", description="sqlite:///FILE or postgresql://USER@HOST/NAME")
    redis_url: str | None = Field(
        None, description="redis://HOST:PORT/N, for several processes; unset: all is done in one"
    )
    secret_key: str = Field(description="any text of 32 characters or more; several, comma separated, for rotation")
    public_url: str = Field("http://localhost:3000", description="where providers reach this server")
    media_url: str = Field("file://media", description="file://FOLDER; s3://BUCKET is not taken yet")
    max_media_bytes: int = Field(100_000_000, ge=1, description="how large a file that comes in or is uploaded may be")
    allow_private_hosts: bool = Field(False, description="let the server fetch from private addresses for a stranger")
    email_delay_seconds: float = Field(
        20, ge=0, description="how long what was not read waits before its reader is told by e-mail"
    )
    log_format: Literal["console", "json"] = Field("console", description="how the server logs")
    plugins: str = Field("", description="enabled plugins, comma separated; `*`: all found; unset: this repository's")
    smtp_url: str | None = Field(
        None,
        description="smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, for notifications of Apps without an e-mail "
        "integration; unset: they are logged",
    )
    retention_days: int = Field(
        30, ge=1, description="how long raw webhooks, finished jobs and the log of provider calls are kept"
    )

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: str) -> str:
        if len(value.strip()) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"must have {MIN_SECRET_CHARACTERS} characters or more")
        return value.strip()

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: str) -> str:
        if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
            return value
        if value.startswith(("postgresql://", "postgres://")):
            return "postgresql://" + value.split("://", 1)[1]
        raise ValueError("must be sqlite:///FILE or postgresql://USER@HOST/NAME")

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must be redis://HOST:PORT/N, rediss://… or unix://…")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys, the newest first; a text with a comma whose parts are too short for keys is one key."""
        parts = tuple(key.strip() for key in self.secret_key.split(","))
        return parts if all(len(key) >= MIN_SECRET_CHARACTERS for key in parts) else (self.secret_key,)


def load_settings(**given: object) -> Settings:
    """The settings; SettingsError with one sentence that names what is missing or malformed."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # why: pydantic checks what the caller gives
    except ValidationError as error:
        first = error.errors()[0]
        name = "CHASKIQ_" + "_".join(str(place) for place in first["loc"]).upper()
        if first["type"] == "missing":
            raise SettingsError(
                f"{name} is not set: {Settings.model_fields[str(first['loc'][0])].description}"
            ) from None
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason[:1].lower()}{reason[1:]}") from None
