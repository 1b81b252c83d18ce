"""A model file comes from a hub whole and verified, whatever happens on the way, or not at all."""

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta import errors
from curta.engine.files import held, places
from curta.engine.files.pulling import Told, pull
from curta.engine.files.transfer import Progress
from curta.errors import BadModelFile, CurtaError, ModelError, ModelFileError, NoHash, UsageError, WrongFile
from tests.model_files.conftest import ADDRESS, FILE, REPO
from tests.servers.hub import Hub, gguf_file


def test_a_file_is_pulled_verified_and_known_by_its_name(hub: Hub, model: bytes, cache: Path) -> None:
    pulled = pull(ADDRESS)
    assert pulled.new
    assert pulled.said == hub.url
    assert pulled.file.path.read_bytes() == model
    assert held.find("tiny-Q8_0") == pulled.file
    assert (pulled.file.sha256, pulled.file.bytes) == (hashlib.sha256(model).hexdigest(), len(model))
    assert pulled.file.origin == f"{ADDRESS}@{hub.commits[REPO]}"
    assert (pulled.file.kind, pulled.file.context, pulled.file.licence) == ("chat", 512, "mit")


def test_it_lies_in_the_layout_of_the_hubs_cache(hub: Hub, model: bytes, cache: Path) -> None:
    pull(ADDRESS)
    snapshot = cache / "snapshots" / hub.commits[REPO] / FILE
    assert snapshot.is_symlink()
    assert not snapshot.readlink().is_absolute()
    assert snapshot.resolve() == (cache / "blobs" / hashlib.sha256(model).hexdigest()).resolve()
    assert (cache / "refs/main").read_text() == hub.commits[REPO]
    assert not places.unfinished()


def test_a_second_pull_asks_nothing(hub: Hub) -> None:
    first = pull(ADDRESS)
    asked = len(hub.requests)
    again = pull(ADDRESS)
    assert (again.file, again.new, len(hub.requests)) == (first.file, False, asked)


def test_a_file_that_is_in_the_cache_is_not_fetched_again(hub: Hub) -> None:
    pull(ADDRESS)
    held.forget("tiny-Q8_0")
    assert not pull(ADDRESS).new
    assert len(hub.downloads()) == 1


def test_a_damaged_file_in_the_cache_is_replaced(hub: Hub, model: bytes, cache: Path) -> None:
    pulled = pull(ADDRESS)
    pulled.file.path.write_bytes(model[:-1])
    assert pull(ADDRESS).new
    assert pulled.file.path.read_bytes() == model


def test_what_was_pulled_is_pinned_though_the_repository_goes_on(hub: Hub, model: bytes) -> None:
    pulled = pull(ADDRESS)
    hub.put(REPO, FILE, gguf_file(b"another model"))
    assert pull(ADDRESS).file == pulled.file
    pulled.file.path.unlink()
    with pytest.raises(ModelFileError, match="is not there"):  # the loopback hub has forgotten the old commit
        pull(ADDRESS)


# Cut lines


def test_a_cut_line_is_taken_up_where_it_broke(hub: Hub, model: bytes) -> None:
    hub.faults.cuts.extend([1000, 0, 70_000])
    assert pull(ADDRESS).file.path.read_bytes() == model
    ranges = [each.headers.get("range") for each in hub.downloads()]
    assert ranges == [None, "bytes=1000-", "bytes=1000-", "bytes=71000-"]


@settings(max_examples=12)
@given(cuts=st.lists(st.integers(0, 90_000), max_size=8).filter(lambda cuts: cuts.count(0) < 4))
def test_however_the_line_is_cut_the_file_is_whole(cuts: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    content = gguf_file(random.Random(3).randbytes(100_000))
    folder = tmp_path_factory.mktemp("cuts")
    with Hub() as hub, pytest.MonkeyPatch.context() as environment:
        environment.setenv("HF_ENDPOINT", hub.url)
        environment.setenv("HF_HUB_CACHE", str(folder))
        environment.setenv("CURTA_HOME", str(folder / "home"))
        hub.put(REPO, FILE, content)
        hub.faults.cuts.extend(cuts)
        assert pull(ADDRESS).file.path.read_bytes() == content


def test_a_server_that_knows_no_ranges_is_asked_from_the_beginning(hub: Hub, model: bytes) -> None:
    hub.faults.cuts.append(5000)
    hub.faults.ignores_ranges = True
    assert pull(ADDRESS).file.path.read_bytes() == model


def test_another_range_than_was_asked_for_is_not_believed(hub: Hub, model: bytes) -> None:
    hub.faults.cuts.append(5000)
    hub.faults.wrong_range = True
    assert pull(ADDRESS).file.path.read_bytes() == model


def test_an_interrupted_pull_goes_on_with_what_is_there(hub: Hub, model: bytes, cache: Path) -> None:
    hub.faults.cuts.extend([200_000, 0, 0, 0, 0, 0])
    with pytest.raises(ModelError):
        pull(ADDRESS)
    assert [each.stat().st_size for each in places.unfinished()] == [200_000]
    assert pull(ADDRESS).file.path.read_bytes() == model
    assert hub.downloads()[-1].headers["range"] == "bytes=200000-"
    assert not places.unfinished()


@pytest.mark.parametrize("left", [b"GGUF of another file", b"", b"x" * 400_000])
def test_what_an_earlier_pull_has_left_may_be_damaged(hub: Hub, model: bytes, cache: Path, left: bytes) -> None:
    (cache / "blobs").mkdir(parents=True)
    (cache / "blobs" / f"{hashlib.sha256(model).hexdigest()}.incomplete").write_bytes(left)
    assert pull(ADDRESS).file.path.read_bytes() == model


def test_a_busy_host_is_waited_for_as_long_as_it_asks(hub: Hub, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("curta.http.sleep", waited.append)
    hub.faults.statuses.extend([(429, {"retry-after": "7"}), (503, {})])
    assert pull(ADDRESS).file.path.read_bytes() == model
    assert 7 in waited


def test_a_host_that_stays_busy_is_given_up(hub: Hub) -> None:
    hub.faults.statuses.extend([(503, {})] * 50)
    with pytest.raises(ModelFileError, match="answered 503"):
        pull(ADDRESS)


def test_progress_is_told_to_the_last_byte(hub: Hub, model: bytes) -> None:
    seen: list[Progress] = []
    hub.faults.cuts.append(100_000)
    pull(ADDRESS, told=Told(on_progress=seen.append))
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert (seen[-1].done, seen[-1].total) == (len(model), len(model))


# Wrong bytes


def test_a_flipped_bit_is_caught_and_the_file_deleted(hub: Hub, cache: Path) -> None:
    hub.faults.flips.extend([123_456, 123_456])
    with pytest.raises(WrongFile, match="not the file it should be") as caught:
        pull(ADDRESS)
    assert "SHA-256" in caught.value.why
    assert list((cache / "blobs").iterdir()) == []
    assert held.held() == {}


def test_every_flipped_byte_is_caught(hub: Hub, tmp_path: Path) -> None:
    small = gguf_file(b"every byte counts")
    hub.put(REPO, "small.gguf", small)
    for place in range(0, len(small), 7):
        hub.faults.flips.append(place)
        with pytest.raises(WrongFile):
            pull(f"hf:{REPO}/small.gguf")


def test_a_size_the_hub_lied_about_is_caught(hub: Hub, model: bytes) -> None:
    hub.faults.told_size = len(model) - 1
    with pytest.raises(WrongFile, match=f"has {len(model):,} bytes"):
        pull(ADDRESS)
    hub.faults.told_size = len(model) + 1
    with pytest.raises(CurtaError):
        pull(ADDRESS)


def test_more_bytes_than_were_promised_are_not_taken(hub: Hub, model: bytes) -> None:
    hub.faults.too_much = 50
    with pytest.raises(WrongFile, match="bytes"):
        pull(ADDRESS)


def test_a_page_in_place_of_a_model_is_refused_at_its_first_bytes(hub: Hub) -> None:
    hub.put(REPO, "page.gguf", b"<!doctype html>" * 100_000)
    with pytest.raises(WrongFile, match="no GGUF file"):
        pull(f"hf:{REPO}/page.gguf")


def test_a_hash_that_was_given_overrules_the_hub(hub: Hub) -> None:
    with pytest.raises(WrongFile, match="has another file"):
        pull(ADDRESS, sha256="0" * 64)
    assert hub.downloads() == []


# Who says what the hash should be


def test_a_hash_that_the_headers_lack_is_read_from_the_list(hub: Hub) -> None:
    hub.faults.hides_hash = True
    assert pull(ADDRESS).said == hub.url


def test_a_file_without_a_hash_is_refused_unless_asked_for(hub: Hub, model: bytes) -> None:
    hub.faults.hides_hash = hub.faults.hides_hash_in_list = True
    with pytest.raises(NoHash):
        pull(ADDRESS)
    pulled = pull(ADDRESS, verify=False)
    assert (pulled.said, pulled.file.sha256) == ("", hashlib.sha256(model).hexdigest())


@pytest.mark.parametrize("told", ["0" * 40, "../../../../etc/passwd", "Z" * 64])
def test_a_hash_that_is_none_becomes_no_path(hub: Hub, told: str) -> None:
    hub.faults.told_hash = told
    hub.faults.hides_hash_in_list = True
    with pytest.raises(NoHash):
        pull(ADDRESS)


def test_a_file_of_any_url_needs_a_hash_from_its_user(hub: Hub, model: bytes, home: Path) -> None:
    digest = hashlib.sha256(model).hexdigest()
    url = f"{hub.storage}/stored/{digest}"
    with pytest.raises(NoHash):
        pull(url, name="mine")
    hub.faults.cuts.extend([100, 100_000])
    pulled = pull(url, name="mine", sha256=digest)
    assert pulled.file.path == home / "models/mine.gguf"
    assert (pulled.file.origin, pulled.said) == (url, "you")


def test_without_a_hash_a_cut_line_goes_on_only_with_the_very_same_file(hub: Hub, model: bytes) -> None:
    hub.faults.cuts.append(1000)
    pulled = pull(f"{hub.storage}/stored/{hashlib.sha256(model).hexdigest()}", name="mine", verify=False)
    assert pulled.file.path.read_bytes() == model
    assert hub.downloads()[-1].headers["if-range"]


# The hub


def test_the_token_goes_to_the_hub_and_nowhere_else(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.token = "hf_secret"
    pull(ADDRESS)
    to_hub = [each for each in hub.requests if each not in hub.downloads()]
    assert all(each.headers["authorization"] == "Bearer hf_secret" for each in to_hub)
    assert hub.downloads()
    assert not any("authorization" in each.headers for each in hub.downloads())


def test_the_token_that_was_saved_at_login_is_used(hub: Hub, tmp_path: Path) -> None:
    hub.token = "hf_saved"
    (tmp_path / "huggingface").mkdir()
    (tmp_path / "huggingface/token").write_text("hf_saved\n")
    assert pull(ADDRESS).new


def test_a_gated_file_says_what_to_do_without_showing_the_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    hub.token = "hf_right"
    with pytest.raises(ModelFileError, match="not open to everybody") as caught:
        pull(ADDRESS)
    assert f"{hub.url}/{REPO}" in caught.value.then
    assert "hf_wrong" not in str(caught.value)


def test_a_token_is_not_sent_unencrypted_to_another_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    from curta.engine.files import hub

    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    assert hub.token() == ""
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    assert hub.token() == "hf_secret"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hf:maker/nothing/tiny.gguf", "no such repository"),
        (f"hf:{REPO}/nothing.gguf", "no such file"),
        (f"{ADDRESS}@nothing", "no such revision"),
    ],
)
def test_what_is_not_there_is_named(hub: Hub, address: str, why: str) -> None:
    with pytest.raises(ModelFileError, match="is not there") as caught:
        pull(address)
    assert why in caught.value.why


def test_a_repository_that_was_renamed_is_found(hub: Hub) -> None:
    hub.renamed["maker/old-name"] = REPO
    assert pull(f"hf:maker/old-name/{FILE}").new


def test_the_only_model_of_a_repository_needs_no_name(hub: Hub) -> None:
    assert pull(f"hf:{REPO}").file.name == "tiny-Q8_0"
    hub.put(REPO, "other.gguf", gguf_file(b"other"))
    with pytest.raises(UsageError, match="2 model files") as caught:
        pull(f"hf:{REPO}")
    assert "tiny-Q8_0.gguf, other.gguf" in caught.value.why


def test_the_address_of_a_page_of_the_hub_will_do(hub: Hub) -> None:
    pulled = pull(f"{hub.url}/{REPO}/blob/main/{FILE}")
    assert pulled.file.origin.startswith(ADDRESS)


def test_offline_the_cache_is_all_there_is(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelFileError, match="is not in"):
        pull(ADDRESS)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    pull(ADDRESS)
    held.forget("tiny-Q8_0")
    asked = len(hub.requests)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert not pull(ADDRESS).new
    assert len(hub.requests) == asked


def test_when_the_hub_is_down_the_cache_will_do(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(errors, "tell", told.append)
    pull(ADDRESS)
    held.forget("tiny-Q8_0")
    hub.__exit__()
    assert not pull(ADDRESS).new
    assert "The file is in the cache" in told[0]


# Names


@pytest.mark.parametrize(
    "address",
    [
        "hf:../../etc/passwd.gguf",
        f"hf:{REPO}/../../../evil.gguf",
        f"hf:{REPO}//absolute.gguf",
        f"hf:{REPO}/a/../../b.gguf",
        f"hf:{REPO}/back\\slash.gguf",
        f"hf:{REPO}/line\nbreak.gguf",
        f"{ADDRESS}@../../../refs",
        "hf:maker/..",
        "hf:--option/models/x.gguf",
        f"hf:{REPO}/model-00001-of-00003.gguf",
    ],
)
def test_names_that_lead_out_of_their_folder_are_refused(hub: Hub, address: str) -> None:
    with pytest.raises(UsageError):
        pull(address)
    assert hub.requests == []


@pytest.mark.parametrize("commit", ["", "main", "../../../evil", "g" * 40, "A" * 40])
def test_a_commit_that_is_none_becomes_no_path(hub: Hub, commit: str) -> None:
    hub.commits[REPO] = commit
    with pytest.raises(ModelFileError, match="does not say which commit"):
        pull(ADDRESS)
    assert hub.downloads() == []


@pytest.mark.parametrize("listed", [b"", b"{}", b"[1]", b'[{"path": 1}]', b"[" * 100_000, b'[{"path": "x", "lfs": 5}]'])
def test_a_list_that_is_none_gives_no_hash(hub: Hub, listed: bytes) -> None:
    hub.faults.hides_hash = True
    hub.faults.listing = listed
    with pytest.raises((NoHash, ModelFileError)):
        pull(ADDRESS)
    assert hub.downloads() == []


def test_a_damaged_model_with_the_right_hash_is_not_known(hub: Hub) -> None:
    hub.put(REPO, "bad.gguf", b"GGUF" + b"\xff" * 1000)
    with pytest.raises(BadModelFile):
        pull(f"hf:{REPO}/bad.gguf")
    assert held.held() == {}


@pytest.mark.parametrize("name", ["", "two words", "-m", ".hidden", "nul\0", "\x1b[2J"])
def test_names_that_a_command_line_cannot_take_are_refused(hub: Hub, name: str) -> None:
    with pytest.raises(UsageError):
        pull(ADDRESS, name=name or " ")


def test_a_name_that_is_taken_is_not_taken_away(hub: Hub) -> None:
    pull(ADDRESS, name="mine")
    hub.put(REPO, "other.gguf", gguf_file(b"other"))
    with pytest.raises(UsageError, match="mine is another file"):
        pull(f"hf:{REPO}/other.gguf", name="mine")
