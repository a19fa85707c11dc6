"""The site's settings, frozen after start. The only reader of the environment (`XINJIE_*`, or `.env` at the root)."""

import os
import secrets
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent
PREFIX = "XINJIE_"
SHORTEST_SECRET = 32
OTHERS = 0o077
"""Rights of anybody but the owner of a file."""

RULES = {
    "data": "应为文件夹路径",
    "database_url": "应以 sqlite:/// 或 postgresql:// 开头",
    "host": "应为本机监听地址",
    "port": "应为 1 至 65535 的整数",
    "secret_key": f"至少 {SHORTEST_SECRET} 个字符",
    "demo": "应为 true 或 false",
    "secure_cookies": "应为 true 或 false（用 HTTPS 时设 true）",
    "hash_algorithm": "应为 sha256 或 sm3",
    "trusted_proxies": "应为 0 至 10 的整数",
    "allow_internal_webhooks": "应为 true 或 false（只在消息接口部署于内网时设 true）",
    "language": "应为 zh_Hans_CN 或 en",
}


class SettingsError(ValueError):
    """A setting breaks its rule; the message names both, and never shows the value (it may be a secret)."""


def _database_beside(data: dict[str, Any]) -> str:
    return f"sqlite:///{data['data'] / 'xinjie.db'}"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = ROOT / "var"
    database_url: str = Field(default_factory=_database_beside, pattern=r"^(sqlite:///|postgresql(\+psycopg)?://)")
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8000, ge=1, le=65535)
    secret_key: SecretStr | None = Field(None, min_length=SHORTEST_SECRET)
    demo: bool = False
    secure_cookies: bool = False
    hash_algorithm: Literal["sha256", "sm3"] = "sha256"
    trusted_proxies: int = Field(0, ge=0, le=10)
    allow_internal_webhooks: bool = False
    language: Literal["zh_Hans_CN", "en"] = "zh_Hans_CN"

    def data_folder(self) -> Path:
        """The data folder, made on first use, closed to other users."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"设置 {PREFIX}DATA 无效：{self.data} 无法建立（{error.strerror}）") from error
        return self.data

    def secret(self) -> str:
        """The key that signs sessions: the setting, or a file in the data folder that every process shares."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        kept = self.data_folder() / "secret_key"
        try:
            if not kept.exists():
                _keep_secret(kept)
            if kept.stat().st_mode & OTHERS:
                raise SettingsError(f"密钥文件 {kept} 他人可以读取：运行 chmod 600 {kept}")
            secret = kept.read_bytes().strip()
        except OSError as error:
            raise SettingsError(f"密钥文件 {kept} 无法读写（{error.strerror}）") from error
        if len(secret) < SHORTEST_SECRET or not secret.isascii():
            raise SettingsError(f"密钥文件 {kept} 已损坏：{RULES['secret_key']}")
        return secret.decode("ascii")


def _keep_secret(kept: Path) -> None:
    draft = kept.with_name(f".secret_key.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        # Linked whole: a process that starts at the same moment sees no file or a full one, and the first one stays.
        os.link(draft, kept)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def load(**overrides: object) -> Settings:
    """Read the settings; what is given here (and is not None) goes before the environment."""
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件 {ROOT / '.env'} 无法读取") from error
    except ValidationError as error:
        name = str(error.errors(include_input=False)[0]["loc"][0]).lower()
        raise SettingsError(f"设置 {PREFIX}{name.upper()} 无效：{RULES[name]}") from None
