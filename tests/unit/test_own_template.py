"""A stranger's template: written when it behaves, thrown away when it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_app.engines.own_template import OwnTemplate
from desktop_app.errors import UserCanFix

TURNS = [("system", "Be kind."), ("user", "Hello"), ("assistant", "Hi"), ("user", "Again")]
KIND = (
    "{% for m in messages %}[{{ m.role }}] {{ m['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
pytestmark = pytest.mark.slow


@pytest.fixture
def own() -> Iterator[list[OwnTemplate]]:
    made: list[OwnTemplate] = []
    yield made
    for each in made:
        each.close()


def template(own: list[OwnTemplate], source: str) -> OwnTemplate:
    own.append(OwnTemplate(source, {"bos_token": "<s>", "eos_token": "</s>"}))
    return own[-1]


def test_a_kind_template_is_rendered(own: list[OwnTemplate]) -> None:
    text = template(own, KIND).render(TURNS)
    assert text.startswith("[system] Be kind.</s>\n[user] Hello</s>\n")
    assert text.endswith("[user] Again</s>\n[assistant]")


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ raise_exception('no system role') }}",
        "{{ messages.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '/etc/passwd' %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
        "{{ 'a' * 9999999999 }}",
        "{{ 9 ** (9 ** (9 ** 9)) }}",
        "{% for a in range(90000) %}{{ 'word ' * 1000 }}{% endfor %}",
        "{{ unclosed",
        "x" * 100_000,
    ],
)
def test_a_hostile_template_is_a_sentence_and_the_next_one_works(own: list[OwnTemplate], hostile: str) -> None:
    with pytest.raises(UserCanFix) as failed:
        template(own, hostile).render(TURNS)
    assert failed.value.code == "models.template"
    assert template(own, KIND).render(TURNS)


def test_a_killed_process_is_started_again(own: list[OwnTemplate]) -> None:
    made = template(own, KIND)
    made.render(TURNS)
    assert made._process is not None
    made._process.kill()
    made._process.wait()
    assert made.render(TURNS)
