"""Every word of the pages in both languages: none missing, none unused, every placeholder kept."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Authority
from tests import spoken
from tests.cast import COUNTY, World
from tests.web import app_for, client_for, post
from views.languages import LANGUAGES, speak
from views.texts import CATALOGUES, SOURCE, keys, ngettext
from workflow.rules import policy

OTHERS = [language for language in LANGUAGES if language != SOURCE]
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def catalogue(language: str) -> dict:
    with (CATALOGUES / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale=language) if message.id}


def stanza(message: spoken.Message, place: str) -> str:
    one, many = message if isinstance(message, tuple) else (message, "")
    plural = f'\nmsgid_plural "{many}"\nmsgstr[0] ""\nmsgstr[1] ""' if many else '\nmsgstr ""'
    return f'#: {place}\nmsgid "{one}"{plural}\n'


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_and_none_is_unused(language: str) -> None:
    said, known = spoken.messages(), catalogue(language)
    missing = [stanza(message, place) for message, place in said.items() if not _whole(known.get(message))]
    path = f"translations/{language}/LC_MESSAGES/messages.po"
    assert not missing, f"translate in {path}:\n\n" + "\n".join(missing)
    unused = [str(message) for message in known if message not in said]
    assert not unused, f"remove from {path}:\n" + "\n".join(unused)


def _whole(text: str | tuple[str, ...] | None) -> bool:
    return bool(text) and (isinstance(text, str) or all(text or ()))


@pytest.mark.parametrize("language", OTHERS)
def test_no_key_is_missing_and_none_is_unknown(language: str) -> None:
    path = Path("translations") / language / "LC_MESSAGES/keys.po"
    with (CATALOGUES.parent / path).open("rb") as file:
        own = {str(message.id) for message in read_po(file) if message.id and message.string}
    assert not keys().keys() - own, f"translate in {path}:\n" + "\n".join(sorted(keys().keys() - own))
    assert not own - keys().keys(), f"remove from {path}:\n" + "\n".join(sorted(own - keys().keys()))


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_the_same_places(language: str) -> None:
    for message, text in catalogue(language).items():
        one, many = (message, (text,)) if isinstance(message, str) else (message[0], text)
        wanted = set(re.findall(r"%\(\w+\)s", one))
        assert all(set(re.findall(r"%\(\w+\)s", form)) == wanted for form in many), message
    for key, text in keys(language).items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", keys()[key])), key


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_a_policy_is_missing_and_none_is_unused(language: str) -> None:
    path = f"translations/{language}/LC_MESSAGES/policies.po"
    with (CATALOGUES / language / "LC_MESSAGES/policies.po").open("rb") as file:
        known = {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}
    said = spoken.policy_words()
    missing = [stanza(words, "workflow/policies") for words in sorted(said) if not known.get(words)]
    assert not missing, f"translate in {path}:\n\n" + "\n".join(missing)
    assert not known.keys() - said, f"remove from {path}"
    for words, translated in known.items():
        assert set(re.findall(r"\{[^}]+\}", words)) == set(re.findall(r"\{[^}]+\}", translated)), words


def test_every_chinese_word_of_a_view_is_a_message() -> None:
    """Write _("…") where it is shown, or N_("…") in a table whose words are shown by _(…) later."""
    assert list(spoken.untranslated()) == []


@pytest.fixture
def app(world: World) -> Flask:
    return app_for(world)


def choose(client: FlaskClient, **form: str) -> TestResponse:
    return client.post("/language", data=form, headers={"Origin": "http://localhost"})


def test_a_page_of_another_site_cannot_change_the_language(app: Flask, world: World) -> None:
    answer = client_for(world, app=app).post(
        "/language", data={"language": "en"}, headers={"Origin": "https://elsewhere.example"}
    )
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (400, None)


def test_a_visitor_who_only_reads_gets_no_cookie_and_one_who_chose_a_language_its_frame(
    app: Flask, world: World
) -> None:
    client = client_for(world, app=app)
    chinese = client.get("/notices?past=1&page=2")
    assert "Set-Cookie" not in chinese.headers and 'value="/notices?past=1&amp;page=2"' in chinese.text
    choose(client, language="en")
    english = client.get("/notices")
    assert 'lang="en"' in english.text and 'lang="zh-Hans-CN"' in chinese.text
    assert english.text.count('aria-current="page"') == chinese.text.count('aria-current="page"')


def test_pages_are_english_when_asked_for_and_chinese_again(app: Flask, world: World) -> None:
    client = client_for(world, app=app)
    assert 'lang="zh-Hans-CN"' in client.get("/login").text
    answer = choose(client, language="en", next="/login")
    assert (answer.status_code, answer.location) == (303, "/login")
    page = client.get("/login").text
    assert 'lang="en"' in page and "Log in" in page
    assert set(CHINESE.findall(page)) == {"中文"}
    assert "wrong login" in post(client, "/login", login="nobody", password="wrong").text.lower()
    choose(client, language="zh_Hans_CN")
    assert "登录" in client.get("/login").text


def test_a_language_nobody_has_and_an_address_elsewhere_change_nothing(app: Flask, world: World) -> None:
    client = client_for(world, app=app)
    answer = choose(client, language="xx", next="//elsewhere.example/")
    assert (answer.location, answer.headers.get("Set-Cookie", "").count("xinjie_language")) == ("/", 0)


def test_an_officials_inbox_speaks_english_but_for_names(app: Flask, world: World) -> None:
    client = client_for(world, f"{COUNTY}-handler", app=app)
    choose(client, language="en")
    words = set(CHINESE.findall(re.sub(r"<title>.*?</title>", "", client.get("/inbox").text)))
    with world.database.read() as session:
        names = [*session.scalars(select(Authority.name)), *session.scalars(select(Authority.short_name))]
    named = {"中文", *names, *CHINESE.findall(world.actor(f"{COUNTY}-handler").name)}
    assert words <= named, words - named


def test_policies_are_read_in_english_beside_their_official_words(app: Flask, world: World) -> None:
    client = client_for(world, f"{COUNTY}-leader", app=app)
    choose(client, language="en")
    for key in policy.available():
        page = client.get(f"/policies/{key}").text
        assert policy.load(key).title in page
        own = page.partition("<main")[2].partition("</main>")[0]
        own = re.sub(r'<(p|div)[^>]* lang="zh-CN">.*?</\1>', "", own, flags=re.S)
        assert set(CHINESE.findall(own)) == set(), key


def test_numbers_agree_with_their_nouns(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "xinjie_language=en"}):
        speak()
        said = [ngettext("还有 %(num)s 天", "还有 %(num)s 天", number) for number in (1, 2)]
    assert said == ["1 day left", "2 days left"]
