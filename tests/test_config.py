"""Settings: where they come from, and what is said when one is wrong."""

from pathlib import Path

import pytest

import config


def test_the_database_lies_in_the_data_folder_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XINJIE_DATABASE_URL", raising=False)
    assert config.load(data=tmp_path).database_url == f"sqlite:///{tmp_path / 'xinjie.db'}"
    monkeypatch.setenv("XINJIE_DATABASE_URL", "postgresql://db/xinjie")
    assert config.load(data=tmp_path).database_url == "postgresql://db/xinjie"
    assert config.load(database_url="sqlite:///x.db").database_url == "sqlite:///x.db"


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = config.load(data=tmp_path / "new")
    secret = settings.secret()
    assert len(secret) >= 32
    assert secret == config.load(data=tmp_path / "new").secret()
    assert [(file.name, file.stat().st_mode & 0o777) for file in settings.data.iterdir()] == [("secret_key", 0o600)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("SECRET_KEY", "short"),
        ("HASH_ALGORITHM", "md5"),
        ("DATABASE_URL", "mysql://x"),
        ("DEMO", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named_with_its_rule_and_never_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"XINJIE_{name}", value)
    with pytest.raises(config.SettingsError) as refused:
        config.load()
    assert str(refused.value) == f"设置 XINJIE_{name} 无效：{config.RULES[name.lower()]}"


def test_every_setting_has_its_rule_in_words() -> None:
    assert set(config.RULES) == set(config.Settings.model_fields)
