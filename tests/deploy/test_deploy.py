"""What can be known of deploy/ without a Docker engine or a booted systemd. A missing tool skips its test."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILLED = {"FRONTDESK_DOMAIN": "desk.example.org", "POSTGRES_PASSWORD": "one", "FRONTDESK_SECRET_KEY": "two"}
SETTINGS = {f"FRONTDESK_{name.upper()}" for name in Settings.model_fields}
OURS_ONLY = {"FRONTDESK_DOMAIN", "FRONTDESK_UPSTREAM"}  # read by compose.yml and the Caddyfile
EXAMPLES = sorted(DEPLOY.rglob("*env.example"))


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8")))


def run(*command: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def compose_command() -> list[str]:
    """``docker compose`` where the plugin is there, else docker-compose; none of them needs an engine for `config`."""
    if shutil.which("docker") and run("docker", "compose", "version").returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


@pytest.mark.skipif(not compose_command(), reason="no docker compose here; Debian: apt-get install docker-compose")
def test_compose_accepts_the_file():
    done = run(*compose_command(), "-f", str(DEPLOY / "compose.yml"), "config", **FILLED)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == {"desk", "postgres", "caddy"}


@pytest.mark.skipif(not compose_command(), reason="no docker compose here; Debian: apt-get install docker-compose")
@pytest.mark.parametrize("missing", FILLED)
def test_compose_refuses_to_start_without_a_secret(missing: str):
    given = {name: value for name, value in FILLED.items() if name != missing}
    done = run(*compose_command(), "-f", str(DEPLOY / "compose.yml"), "config", **given)
    assert done.returncode != 0
    assert "fill in deploy/.env" in done.stderr


def test_only_the_proxy_is_reachable_from_outside():
    services = compose()["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["caddy"]
    assert compose()["networks"]["data"]["internal"] is True
    assert services["postgres"]["networks"] == ["data"]


@pytest.mark.parametrize("service", ["desk", "caddy"])
def test_a_service_that_faces_residents_may_do_little(service: str):
    one = compose()["services"][service]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]


def test_the_desk_believes_exactly_the_one_proxy_in_front_of_it():
    assert compose()["services"]["desk"]["environment"]["FRONTDESK_TRUSTED_PROXIES"] == "1"


def test_the_image_runs_as_nobody_in_particular_and_says_whether_it_lives():
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    last_stage = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001:10001" in last_stage
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)


def test_everything_the_image_copies_is_there_and_what_is_built_is_not_sent():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert [name for name in names if not list(ROOT.glob(name)) and name != ".npmrc*"] == []
    assert {"var", ".venv", "node_modules", ".git", "deploy/.env"} <= set(
        (ROOT / ".dockerignore").read_text("utf-8").split()
    )


@pytest.mark.parametrize("path", [*EXAMPLES, DEPLOY / "compose.yml", *DEPLOY.glob("systemd/*.service")], ids=str)
def test_every_setting_that_is_named_exists(path: Path):
    named = set(re.findall(r"\bFRONTDESK_[A-Z_]+", path.read_text("utf-8")))
    assert named - SETTINGS - OURS_ONLY == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_an_example_of_the_environment_holds_no_secret(path: Path):
    pairs = [line.split("=", 1) for line in path.read_text("utf-8").splitlines() if "=" in line and line[0] != "#"]
    assert pairs
    assert [name for name, value in pairs if value and re.search("PASSWORD|SECRET|KEY|TOKEN", name)] == []


def test_the_filled_in_environment_is_never_committed():
    assert run("git", "-C", str(ROOT), "check-ignore", "-q", "deploy/.env").returncode == 0


@pytest.mark.skipif(not shutil.which("caddy"), reason="no caddy here; Debian: apt-get install caddy")
def test_caddy_accepts_its_file_and_keeps_the_operators_pages_inside():
    command = ("caddy", "adapt", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile")
    done = run(*command, FRONTDESK_DOMAIN="desk.example.org")
    assert done.returncode == 0, done.stderr
    assert '"status_code":404}],"match":[{"path":["/metrics"' in done.stdout
    assert '"host":["desk.example.org"]' in done.stdout


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that is there: what it starts is installed by docs/deploy.md, not by a test."""
    text = (DEPLOY / "systemd" / "frontdesk.service").read_text("utf-8")
    assert "ExecStart=/opt/frontdesk/.venv/bin/frontdesk run\n" in text
    path = tmp_path / "frontdesk.service"
    path.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    return path


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_the_unit(unit: Path):
    done = run("systemd-analyze", "verify", "--man=no", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_finds_the_unit_little_exposed(unit: Path):
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))
    assert done.returncode == 0, done.stdout[-300:]
