"""The start page, and the privacy notice that says what the nightly job does."""

from __future__ import annotations

import pytest

from esshelpme.privacy.retention import RULES
from esshelpme.web.public_pages import period_words
from esshelpme.web.tests.conftest import Person
from esshelpme.words import say


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_start_page_leads_to_everything(person: Person, language: str) -> None:
    response = person.get(f"/?lang={language}")
    html = response.content.decode()
    for target in ("/r", "/console/", "/sim/", "/privacy", "tel:191", "tel:1300", "tel:1669"):
        assert f'href="{target}' in html
    assert not response.cookies
    assert response["Content-Language"] == language


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_notice_names_every_rule_with_its_period(person: Person, language: str) -> None:
    text = person.page(f"/privacy?lang={language}").text
    for rule in RULES:
        assert say(f"retention.{rule.code}", language) in text
        assert say(f"retention.{rule.code}_why", language) in text
        assert period_words(rule, language) in text


def test_the_notice_is_one_tap_away_and_never_before_sending(person: Person) -> None:
    html = person.get("/r").content.decode()
    assert 'href="/privacy' in html
    assert html.index('type="submit" data-send') < html.index('href="/privacy')


@pytest.mark.parametrize("path", ["/", "/privacy", "/r"])
def test_exit_is_the_first_thing_after_the_language(person: Person, path: str) -> None:
    html = person.get(path).content.decode()
    assert html.index("data-exit") < html.index("<main")
