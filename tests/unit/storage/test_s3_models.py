"""A client made from the cut-down descriptions speaks as one made from the whole ones."""

from typing import Any

import aioboto3
import pytest
from aiobotocore.session import get_session
from botocore.loaders import Loader

from storage.options import S3Options
from storage.s3_client import client_config
from storage.s3_models import lean_loader

MODEL = ("s3", "service-2")


async def link(loader: Any, region: str, style: Any) -> str:
    boto = get_session()
    boto.register_component("data_loader", loader)
    session = aioboto3.Session(aws_access_key_id="id", aws_secret_access_key="key", botocore_session=boto)
    config = client_config(S3Options(addressing_style=style))
    async with session.client("s3", region_name=region, config=config) as client:
        url = await client.generate_presigned_url("get_object", Params={"Bucket": "films", "Key": "a/b.mp4"})
    return str(url).partition("?")[0]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
async def test_every_region_is_found_where_it_was(region: str) -> None:
    for style in ("path", "virtual"):
        assert await link(lean_loader(), region, style) == await link(Loader(), region, style)


def test_the_calls_that_remain_are_described_in_full() -> None:
    lean, whole = lean_loader().load_service_model(*MODEL), Loader().load_service_model(*MODEL)

    assert {"PutObject", "GetObject", "UploadPart", "ListObjectsV2"} <= lean["operations"].keys()
    assert len(lean["operations"]) < len(whole["operations"]) / 5
    for name, operation in lean["operations"].items():
        assert without_prose(operation) == without_prose(whole["operations"][name])
    for name, shape in lean["shapes"].items():
        assert without_prose(shape) == without_prose(whole["shapes"][name])


def without_prose(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: without_prose(value) for name, value in part.items() if name != "documentation"}
    return [without_prose(value) for value in part] if isinstance(part, list) else part
