"""URLs of databases: no secret in them, none sent where a settings file likes."""

import pytest

from kpilib.errors import InputError
from kpilib.sources.databases.address import Address


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@db/shop",
        "postgresql://db/shop?password=hunter2",
        "mysql+pymysql://me:hunter2@db/shop?charset=utf8",
        "spark://db:15002/;token=x?token=hunter2",
    ],
)
def test_a_secret_in_a_url_is_refused_and_not_repeated(url):
    with pytest.raises(InputError, match="a password does not belong in a URL") as error:
        Address(url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("host", "pghost", "sent"),
    [
        ("evil.example", None, False),
        ("evil.example", "db.example", False),
        ("db.example", "db.example", True),
        ("localhost", None, True),
    ],
)
def test_a_toml_gets_the_password_sent_to_no_host_of_its_own_choice(
    monkeypatch, host, pghost, sent
):
    monkeypatch.setenv("PGPASSWORD", "x")
    monkeypatch.delenv("PGHOST", raising=False)
    if pghost:
        monkeypatch.setenv("PGHOST", pghost)
    url = f"postgresql://me@{host}/shop"
    assert Address(url).url == url
    if sent:
        assert Address(url, from_toml=True).url == url
    else:
        with pytest.raises(InputError, match=f"PGPASSWORD sent to {host}; .* set PGHOST={host}"):
            Address(url, from_toml=True)


def test_a_toml_names_files_by_their_path():
    with pytest.raises(InputError, match="write the path of the file"):
        Address("sqlite:////home/other/secrets.db", from_toml=True)
