"""Which model a name means, where it is called, and whether it still lives there."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from providers import kinds
from providers.catalogue import load_catalogue
from providers.models import Span, VideoServer
from providers.refusals import BadCatalogue, ModelNotFound, ModelRetired

GATEWAY = "https://gateway.example/v1"


@pytest.mark.parametrize(
    ("kind", "name", "model"),
    [
        ("veo", "veo-3.1", "veo-3.1-generate-001"),
        ("veo", "veo-3.1-fast", "veo-3.1-fast-generate-001"),
        ("veo", "veo-3.1-lite", "veo-3.1-lite-generate-001"),
        ("omni", "omni", "gemini-omni-1.2-flash"),
        ("google_omni", None, "gemini-omni-1.2-flash"),
        ("sora", "sora", "sora-2"),
        ("openai_videos", "sora-2-pro", "sora-2-pro"),
        ("vertex_veo", None, "veo-3.1-generate-001"),
    ],
)
def test_short_names_and_defaults_resolve(catalogue, kind, name, model):
    assert catalogue.find(kind, name).name == model


def test_an_unknown_model_is_refused_with_those_there_are(catalogue):
    with pytest.raises(ModelNotFound, match="gemini-omni-1.2-flash"):
        catalogue.find("omni", "gemini-omni-9")
    with pytest.raises(ModelNotFound, match="OPENAI_MODELS"):
        catalogue.find("sora", "wan-2.2")


def test_sora_is_retired_at_its_own_host_and_nowhere_else(catalogue, now):
    with pytest.raises(ModelRetired) as caught:
        catalogue.resolve("sora", "sora-2", host=None, now=now)

    assert "MODEL_SUCCESSORS=sora:sora-2=omni:gemini-omni-1.2-flash" in str(caught.value)
    assert "OPENAI_BASE_URL" in str(caught.value)
    assert str(caught.value.retired_at) == "2026-09-24"
    assert catalogue.resolve("sora", "sora-2", host=GATEWAY, now=now).name == "sora-2"
    assert catalogue.resolve("sora", "sora-2", host="127.0.0.1", now=now).name == "sora-2"


def test_a_model_retires_with_the_first_moment_of_its_day_in_utc(catalogue):
    before = datetime(2026, 9, 23, 23, 59, 59, tzinfo=UTC)
    assert catalogue.resolve("sora", "sora-2", host=None, now=before).name == "sora-2"
    with pytest.raises(ModelRetired):
        catalogue.resolve("sora", "sora-2", host=None, now=datetime(2026, 9, 24, tzinfo=UTC))


@pytest.mark.parametrize("host", [None, "https://europe-west4-aiplatform.googleapis.com", "aiplatform.googleapis.com"])
def test_old_veo_models_are_named_as_retired_in_every_region(catalogue, now, host):
    with pytest.raises(ModelRetired, match=r"veo:veo-3\.1-generate-001"):
        catalogue.resolve("veo", "veo-3.0", host=host, now=now)


def test_a_priced_name_becomes_a_model_that_takes_what_the_dialect_can_say(now):
    catalogue = load_catalogue(openai_models={"wan-2.2": Decimal("0.05")})
    model = catalogue.resolve("sora", "wan-2.2", host=GATEWAY, now=now)

    assert model.price_per_second("720p") == 50_000
    assert (model.any_size, model.seconds, model.server) == (True, Span(1, 600), None)
    assert catalogue.find("sora", None).name == "wan-2.2"


def test_a_star_takes_any_name_but_leaves_known_models_their_own_price():
    catalogue = load_catalogue(openai_models={"*": Decimal("0.07")})

    assert catalogue.find("sora", "anything-at-all").price_per_second(None) == 70_000
    assert catalogue.find("sora", "sora-2").price_per_second(None) == 100_000


def test_a_known_model_can_be_given_another_price_and_keeps_its_limits():
    model = load_catalogue(openai_models={"sora-2": Decimal("0.03")}).find("sora", "sora-2")

    assert model.price_per_second("720p") == 30_000
    assert model.seconds == (4, 8, 12)


def test_named_servers_offer_their_models_under_their_own_url(now):
    servers = [
        VideoServer("gpu", "http://10.0.0.4:8000/v1", ("wan-2.2",), Decimal(0), "free_on_loss", 4),
        VideoServer("shop", "https://shop.example/v1", ("*",), Decimal("0.2")),
    ]
    catalogue = load_catalogue(servers=servers)
    base_urls = {kinds.OPENAI_VIDEOS: GATEWAY}

    own = catalogue.resolve("sora", "wan-2.2", host=GATEWAY, now=now)
    assert (own.server, catalogue.base_url(own.kind, own.server, base_urls)) == ("gpu", "http://10.0.0.4:8000/v1")
    assert catalogue.find("sora", "shop/wan-2.2").server == "shop"
    assert catalogue.find("sora", "something-else").server == "shop"
    assert catalogue.find("sora", "wan-2.2", "shop").server == "shop"
    assert catalogue.find("sora", "sora-2").server is None


def test_a_server_of_ones_own_is_busy_at_503_and_loses_nothing_that_is_billed():
    servers = [VideoServer("gpu", "http://gpu/v1", billing="free_on_loss"), VideoServer("shop", "https://shop/v1")]
    catalogue = load_catalogue(servers=servers)

    own, shop = (catalogue.rules(kinds.OPENAI_VIDEOS, name) for name in ("gpu", "shop"))
    assert (own.busy_status, own.free_on_loss, own.failed_is_free) == ((503,), True, True)
    assert (shop.busy_status, shop.free_on_loss, shop.failed_is_free) == ((), False, True)
    assert not catalogue.rules(kinds.VERTEX_VEO).failed_is_free


def test_every_model_is_offered_with_the_reason_why_it_cannot_be_called(catalogue, now):
    offers = {offer.model.name: offer for offer in catalogue.offers({}, now)}

    assert offers["veo-3.1-generate-001"].reason is None
    assert offers["veo-3.1-generate-001"].host == "us-central1-aiplatform.googleapis.com"
    assert offers["sora-2"].reason == "retired by api.openai.com on 2026-09-24"
    assert offers["gemini-omni-flash-preview"].reason is not None


def test_the_kind_of_a_model_can_be_told_from_its_name(catalogue):
    assert catalogue.kinds_of("sora-2") == (kinds.OPENAI_VIDEOS,)
    assert catalogue.kinds_of("veo-3.1-fast") == (kinds.VERTEX_VEO,)
    assert catalogue.kinds_of("omni") == (kinds.GOOGLE_OMNI,)
    assert catalogue.kinds_of("nothing") == ()


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("AIzaSyExample", kinds.GOOGLE_OMNI),
        ("ya29.token", kinds.VERTEX_VEO),
        ('{"type":"service_account","private_key":"x"}', kinds.VERTEX_VEO),
        ("sk-proj-1", kinds.OPENAI_VIDEOS),
        ("anything", None),
    ],
)
def test_a_keys_form_gives_its_kind_away(key, kind):
    assert kinds.kind_of_key(key) == kind


def test_an_overlay_changes_only_what_it_names(tmp_path, catalogue):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[google_omni.models."gemini-omni-1.2-flash".prices]\n"4k" = "0.30"\n'
        '[vertex_veo.models."veo-4"]\nlike = "veo-3.1-generate-001"\nprices = { "*" = "0.9" }\n'
        "[openai_videos.servers.gpu]\ncancels_by_delete = true\n"
    )
    mine = load_catalogue(path, servers=[VideoServer("gpu", "http://gpu/v1")])

    omni = mine.find("omni", "omni")
    assert (omni.price_per_second("4k"), omni.price_per_second("720p")) == (300_000, 101_360)
    assert mine.find("veo", "veo-4").seconds == (4, 6, 8)
    assert mine.find("veo", "veo-3.1").name == "veo-3.1-generate-001"
    assert mine.rules(kinds.OPENAI_VIDEOS, "gpu").cancels_by_delete
    assert mine.version != catalogue.version


def test_the_version_is_the_contents_and_not_the_moment(catalogue):
    assert catalogue.version == load_catalogue().version
    assert len(catalogue.version) == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not toml", "cannot be read"),
        ("[elsewhere]\nx = 1", "no kind elsewhere"),
        ('[vertex_veo.models."veo-4"]\nlike = "veo-9"', "like veo-9"),
        ('[vertex_veo.models."veo-4"]\nlike = "veo-3.1-generate-001"\ncolour = 1', "veo-4.colour"),
        ('[vertex_veo.models."veo-4"]\nlike = "veo-3.1-generate-001"\nprices = { "*" = "0.0000001" }', "prices"),
        ('[vertex_veo.models."veo-4"]\nlike = "veo-3.1-generate-001"\ndefault_resolution = "8k"', "default_resolution"),
        ("[vertex_veo]\nbusy_status = [200]", "vertex_veo.busy_status"),
    ],
)
def test_an_overlay_that_is_wrong_says_where(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(BadCatalogue, match=words):
        load_catalogue(path)


def test_an_overlay_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadCatalogue, match=r"none\.toml"):
        load_catalogue(tmp_path / "none.toml")
