"""Images and releases are published in the right order: what people follow moves last, to what is signed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.workflow_steps import Runner, script_of

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
IMAGE = "ghcr.io/woahai321/list-sync"
DIGEST = f"sha256:{'ab' * 32}"
NOW = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "tag.gpgSign=false")


@pytest.fixture
def runner(tmp_path):
    """The files of this repository that a release needs, at version 1.2.0, beside an earlier release."""
    made = Runner(tmp_path)
    (made.work / "list_sync").mkdir()
    (made.work / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "release.py", made.work / ".ci")
    (made.work / "list_sync" / "version.py").write_text('\n__version__ = "1.2.0"\n')
    (made.work / "CHANGELOG.md").write_text(
        "## [1.2.0] - 2026-11-28\n\n- One [page](docs/a.md)\n  Mends: imdb/graphql\n"
    )
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", "x"], ["tag", "v1.1.0"]):
        subprocess.run(["git", *NOW, *command], cwd=made.work, check=True)
    made.add_program("cosign")
    return made


def build(runner, *names):
    (runner.work / "built").mkdir()
    for name in names:
        (runner.work / "built" / f"{name}.digest").write_text(f"sha256:{name}\n")
        (runner.work / "built" / f"{name}.cdx.json").write_text("{}")


def tag_image(runner, ref, suffix="", code=0):
    inspected = json.dumps({"digest": DIGEST})
    runner.add_program("docker", f"case $* in *inspect*) echo '{inspected}' ;; esac\n")
    script = script_of(WORKFLOWS / "image.yml", "publish", "Join both processors, sign, and name")
    return runner.run(script, IMAGE=IMAGE, GITHUB_REF=ref, SUFFIX=suffix, code=code)


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_an_image_is_signed_before_what_people_follow_moves_to_it(runner):
    build(runner, "full-amd64", "full-arm64")
    tag_image(runner, "refs/tags/v1.2.0", "-full")

    joined, inspected, signed, *rest = runner.calls
    assert joined == (
        f"docker buildx imagetools create --tag {IMAGE}:1.2.0-full {IMAGE}@sha256:full-amd64 {IMAGE}@sha256:full-arm64"
    )
    assert inspected.endswith(f"{IMAGE}:1.2.0-full")
    assert signed == f"cosign sign --yes {IMAGE}@{DIGEST}"
    assert [call.split("--predicate ")[1] for call in rest[:2]] == [
        f"built/{name}.cdx.json {IMAGE}@{DIGEST}" for name in ("full-amd64", "full-arm64")
    ]
    assert rest[2:] == [
        f"docker buildx imagetools create --tag {IMAGE}:{tag}-full {IMAGE}@{DIGEST}" for tag in ("1.2", "1", "latest")
    ]
    assert runner.summary.read_text().splitlines()[0] == f"`{IMAGE}@{DIGEST}`"


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_an_image_that_cannot_be_signed_stands_for_no_other(runner):
    build(runner, "slim-amd64")
    runner.add_program("cosign", "exit 1\n")
    tag_image(runner, "refs/tags/v1.2.0", code=1)

    assert [call for call in runner.calls if "latest" in call] == []


def test_a_release_is_a_draft_until_its_signed_files_are_there(runner):
    build(runner, "slim-amd64")
    (runner.work / "dist").mkdir()
    (runner.work / "dist" / "one.whl").write_text("wheel")
    runner.add_program("gh", 'test "$2" != view\n')
    script = script_of(WORKFLOWS / "release.yml", "release", "Sign and publish")
    address = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "woahai321/list-sync"}
    runner.run(script, GITHUB_REF="refs/tags/v1.2.0", GITHUB_REF_NAME="v1.2.0", **address)

    signed, _, created, uploaded, published = runner.calls
    assert signed == "cosign sign-blob --yes --bundle dist/SHA256SUMS.sigstore.json dist/SHA256SUMS"
    assert "--draft " in created
    assert uploaded.split(" --clobber ")[1].split() == [
        f"dist/{name}" for name in ("SHA256SUMS", "one.whl", "slim-amd64.cdx.json")
    ]
    assert published == "gh release edit v1.2.0 --draft=false --latest=true"
    listed = (runner.work / "dist" / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in listed] == ["one.whl", "slim-amd64.cdx.json"]
    assert (runner.work / "notes.md").read_text() == (
        "- One [page](https://github.com/woahai321/list-sync/blob/v1.2.0/docs/a.md)\n  Mends: imdb/graphql\n"
    )
