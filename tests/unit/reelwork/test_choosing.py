"""Who names no provider gets the one that offers the model, or the cheapest model that can be called."""

import pytest

from reelwork.client.choosing import choose_provider
from reelwork.client.errors import BadRequest
from reelwork.models import CatalogueModel

OFFERED = [
    CatalogueModel(model="sora-2", provider="sora", callable=False, reason="retired", price_per_second_usd=0.01),
    CatalogueModel(model="veo-3.1", provider="veo", aliases=["veo"], price_per_second_usd={"720p": 0.2, "4k": 0.6}),
    CatalogueModel(model="flash", provider="omni", price_per_second_usd=0.3),
    CatalogueModel(model="house", provider="sora", price_per_second_usd=None),
]


def test_without_a_model_the_cheapest_callable_one_is_taken() -> None:
    assert choose_provider(OFFERED, None) == {"provider": "veo", "model": "veo-3.1"}


def test_a_model_without_a_known_price_is_the_last_choice() -> None:
    assert choose_provider(OFFERED[-1:], None) == {"provider": "sora", "model": "house"}


@pytest.mark.parametrize("name", ["veo-3.1", "veo"])
def test_a_model_is_found_by_its_name_or_an_alias(name: str) -> None:
    assert choose_provider(OFFERED, name) == {"provider": "veo", "model": name}


def test_a_model_that_cannot_be_called_is_refused_with_its_reason() -> None:
    with pytest.raises(BadRequest, match="retired") as raised:
        choose_provider(OFFERED, "sora-2")

    assert raised.value.code == "model_not_callable"


def test_an_unknown_model_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="no model 'dream'") as raised:
        choose_provider(OFFERED, "dream")

    assert raised.value.code == "model_not_found"


def test_a_server_where_nothing_can_be_called_says_so() -> None:
    with pytest.raises(BadRequest, match="No model is callable"):
        choose_provider(OFFERED[:1], None)
