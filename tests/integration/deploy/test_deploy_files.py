"""The files beside the deploy pages: each is read by its own tool where that is here, and held to what we promise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # the description's tests bring it

from paystate.entrypoints.cli.main import main
from paystate.entrypoints.interface.webhooks import BODY_BYTES_MAX
from paystate.entrypoints.service.protocol import HEAD_BYTES_MAX
from paystate.entrypoints.service.server import KEEP_ALIVE_S, SHUTDOWN_S

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("paystate*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
USER = 10001


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def name(path: Path) -> str:
    return path.name


def commands(words: list[list[str]]) -> set[str]:
    """The first words; each has to be a command of ours."""
    return {arguments[0] for arguments in words}


# --- systemd


def unit(path: Path) -> dict[str, list[str]]:
    """The last section but [Install]: each setting with its values in their order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


@pytest.fixture
def installed_units(tmp_path: Path) -> Path:
    """The units as they stand, but for the program, which is not under /opt here."""
    for path in UNITS:
        changed = path.read_text("utf-8").replace("/opt/paystate/bin/paystate", str(Path(sys.executable)))
        (tmp_path / path.name).write_text(changed, "utf-8")
    return tmp_path


@needs_systemd
def test_systemd_takes_every_unit(installed_units: Path) -> None:
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(installed_units.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in told.stderr.splitlines() if "paystate" in line]
    assert (0, []) == (told.returncode, ours), told.stderr


@needs_systemd
@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_little_is_left_open_to_who_breaks_in(installed_units: Path, path: Path) -> None:
    line = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(installed_units / path.name)]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert 0 == told.returncode, told.stdout


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_unit_ends_what_it_has_begun_and_takes_over_changed_keys(path: Path) -> None:
    known = unit(path)
    assert int(known["TimeoutStopSec"][0]) > SHUTDOWN_S
    assert (["paystate"], ["/bin/kill -HUP $MAINPID"], ["always"]) == (
        known["User"],
        known["ExecReload"],
        known["Restart"],
    )


def test_the_units_start_a_service_and_a_worker_with_our_own_commands() -> None:
    lines = [unit(path)["ExecStart"][0].split()[1:] for path in SERVICES]
    assert [["worker"], ["serve", "--no-worker"]] == lines
    assert commands(lines) <= set(main.commands)


def test_the_service_migrates_before_it_starts_and_the_worker_comes_after_it() -> None:
    worker, service = map(unit, SERVICES)
    assert ["/opt/paystate/bin/paystate migrate"] == service["ExecStartPre"]
    assert "paystate.service" in worker["After"][0].split()
    assert [["0"], ["0"]] == [one["StartLimitIntervalSec"] for one in (worker, service)]


def test_a_socket_unit_belongs_to_the_service() -> None:
    (held,) = [path for path in UNITS if path.suffix == ".socket"]
    assert ["127.0.0.1:8000"] == unit(held)["ListenStream"]
    assert ["paystate.socket"] == unit(held.with_suffix(".service"))["Requires"]


# --- containers


def dockerfile() -> list[tuple[str, str]]:
    """Each instruction with its arguments, comments left out and continued lines joined."""
    lines = "\n".join(line for line in text("containers/Dockerfile").splitlines() if not line.startswith("#"))
    whole = re.sub(r"\\\n\s*", "", lines).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in whole if line.strip())]


def test_the_base_image_is_one_exact_version() -> None:
    (image,) = [rest for word, rest in dockerfile() if word == "ARG"]
    assert re.fullmatch(
        r"PYTHON_IMAGE=docker\.io/library/python:3\.1[1-4]\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", image
    )
    assert {"${PYTHON_IMAGE}"} == {rest.split()[0] for word, rest in dockerfile() if word == "FROM"}


def test_the_image_runs_as_nobody_special_with_a_health_check() -> None:
    last = dict(dockerfile())
    assert (f"{USER}:{USER}", '["paystate"]', '["serve"]', "SIGTERM") == (
        last["USER"],
        last["ENTRYPOINT"],
        last["CMD"],
        last["STOPSIGNAL"],
    )
    assert "/healthz" in last["HEALTHCHECK"]


def test_what_is_installed_in_the_image_has_the_hashes_of_the_lock_file() -> None:
    installs = [rest for word, rest in dockerfile() if word == "RUN" and "pip install" in rest]
    assert ["--require-hashes", "--no-deps"] == [
        next(flag for flag in ("--require-hashes", "--no-deps") if flag in line) for line in installs
    ]


def copied(into: Path) -> None:
    """What the Dockerfile copies from the clone, in the place of the image's /src."""
    for word, rest in dockerfile():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for source in sources:
                place = ROOT / source
                if place.is_dir():
                    shutil.copytree(place, into / source, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(place, into)


def test_the_image_gets_all_that_the_wheel_is_made_of(tmp_path: Path) -> None:
    copied(tmp_path)
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)
    assert 1 == len(list((tmp_path / "out").glob("paystate-*.whl")))


def has_docker() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0


@pytest.mark.long
@pytest.mark.skipif(not has_docker(), reason="no Docker runs here")
def test_the_image_is_built_and_says_its_version() -> None:
    build = ["docker", "build", "--file", str(DEPLOY / "containers" / "Dockerfile"), "--quiet", str(ROOT)]
    image = subprocess.run(build, check=True, capture_output=True, text=True).stdout.strip()
    told = subprocess.run(["docker", "run", "--rm", image, "--version"], check=True, capture_output=True, text=True)
    assert "version" in told.stdout


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("containers/compose.yaml"))
    return loaded


def test_the_composition_runs_what_is_locked_down() -> None:
    services = compose()["services"]
    assert {"migrate", "service", "worker"} == set(services)
    for one in services.values():
        assert (f"{USER}:{USER}", True, ["ALL"]) == (one["user"], one["read_only"], one["cap_drop"])
        assert ["no-new-privileges:true"] == one["security_opt"]
        assert "./config:/etc/paystate:ro" in one["volumes"]
    assert commands([one["command"] for one in services.values()]) <= set(main.commands)


def test_the_composition_migrates_first_ends_in_time_and_listens_on_this_machine_alone() -> None:
    services = compose()["services"]
    for one in (services["service"], services["worker"]):
        assert {"migrate": {"condition": "service_completed_successfully"}} == one["depends_on"]
        assert int(one["stop_grace_period"].removesuffix("s")) > SHUTDOWN_S
    published = [port for one in services.values() for port in one.get("ports", [])]
    assert ["127.0.0.1:8000:8000"] == published


# --- nginx


def directives() -> Iterator[tuple[str, str]]:
    """Each simple directive with its value; what is left over is no configuration."""
    plain = re.sub(r"#.*", "", text("nginx/paystate.conf"))
    assert plain.count("{") == plain.count("}")
    for piece in re.split(r"[;{}]", plain):
        if word := " ".join(piece.split()):
            key, _, value = word.partition(" ")
            yield key, value


def sized(value: str) -> int:
    return int(value[:-1]) * {"k": 1024, "m": 1024 * 1024}[value[-1]]


def test_nginx_hands_on_who_asked_for_which_host() -> None:
    set_headers = {value for key, value in directives() if key == "proxy_set_header"}
    assert {'Connection ""', "Host $host", "X-Forwarded-For $proxy_add_x_forwarded_for"} == set_headers


def test_nginx_bounds_what_we_bound_and_no_less() -> None:
    known = dict(directives())
    _, size = known["large_client_header_buffers"].split()
    assert (HEAD_BYTES_MAX, BODY_BYTES_MAX) == (sized(size), sized(known["client_max_body_size"]))
    assert int(known["proxy_read_timeout"].removesuffix("s")) > SHUTDOWN_S
    assert "off" == known["proxy_next_upstream"]


def test_nginx_ends_an_idle_connection_before_we_do() -> None:
    assert 0 < int(dict(directives())["keepalive_timeout"].removesuffix("s")) < KEEP_ALIVE_S


def test_nginx_speaks_new_tls_and_lets_through_only_what_is_for_others() -> None:
    assert ("ssl_protocols", "TLSv1.2 TLSv1.3") in directives()
    open_to_all = {value for key, value in directives() if key == "location"}
    assert {"/v1/", "/return/", "/webhooks/", "= /docs/rules", "= /docs/errors", "/"} == open_to_all


@pytest.mark.skipif(shutil.which("nginx") is None or shutil.which("openssl") is None, reason="nginx is not here")
def test_nginx_takes_the_file(tmp_path: Path) -> None:
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pay.example.com"]
    files = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run([*make, *files], check=True, capture_output=True)
    site = text("nginx/paystate.conf").replace("/etc/ssl/pay.example.com", str(tmp_path))
    (tmp_path / "site.conf").write_text(site.replace("/var/log/nginx", str(tmp_path)), "utf-8")
    whole = f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole, "utf-8")
    line = ["nginx", "-t", "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert 0 == told.returncode, told.stderr


# --- Kubernetes


def manifests() -> dict[str, Any]:
    return {one["kind"]: one for one in yaml.safe_load_all(text("kubernetes/paystate.yaml"))}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifests()["Deployment"]["spec"]["template"]["spec"]
    return spec


def test_there_is_one_pod_at_a_time_with_one_disk() -> None:
    spec = manifests()["Deployment"]["spec"]
    assert (1, {"type": "Recreate"}) == (spec["replicas"], spec["strategy"])
    assert ["ReadWriteOncePod"] == manifests()["PersistentVolumeClaim"]["spec"]["accessModes"]
    assert pod()["terminationGracePeriodSeconds"] > SHUTDOWN_S


def test_the_pod_runs_a_service_and_a_worker_after_it_has_migrated() -> None:
    begins, runs = pod()["initContainers"], pod()["containers"]
    lines = [one["args"] for one in (*begins, *runs)]
    assert [["migrate"], ["serve", "--no-worker"], ["worker"]] == lines
    assert commands(lines) <= set(main.commands)


def test_the_pod_is_nobody_special_and_may_nothing() -> None:
    assert (True, USER, USER, "RuntimeDefault") == (
        pod()["securityContext"]["runAsNonRoot"],
        pod()["securityContext"]["runAsUser"],
        pod()["securityContext"]["fsGroup"],
        pod()["securityContext"]["seccompProfile"]["type"],
    )
    locked = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    for one in (*pod()["initContainers"], *pod()["containers"]):
        assert (locked, False) == (one["securityContext"], "env" in one)
    assert pod()["automountServiceAccountToken"] is False


def test_a_full_disk_takes_the_pod_out_of_service_and_restarts_nothing() -> None:
    service, worker = pod()["containers"]
    probes = {probe: service[probe]["httpGet"]["path"] for probe in service if probe.endswith("Probe")}
    assert {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"} == probes
    assert [] == [probe for probe in worker if probe.endswith("Probe")]


def test_secrets_are_files_that_only_the_pod_s_group_can_read() -> None:
    (settings,) = [volume["projected"] for volume in pod()["volumes"] if volume["name"] == "settings"]
    assert 0o440 == settings["defaultMode"]
    secret = [source["secret"]["name"] for source in settings["sources"] if "secret" in source]
    assert ["paystate-keys", "paystate-secrets"] == secret


def test_the_world_reaches_what_is_for_the_world_and_no_probe() -> None:
    (rule,) = manifests()["Ingress"]["spec"]["rules"]
    assert ["/v1/", "/return/", "/webhooks/"] == [one["path"] for one in rule["http"]["paths"]]


# --- what to alert on


def test_the_log_lines_to_alert_on_are_written_somewhere() -> None:
    named = {words for row in re.findall(r"^\| log: (.*?) \|", text("alerts.md"), re.MULTILINE)
             for words in re.findall(r'"([a-z]+ [a-z ]+)"', row)}  # fmt: skip
    written = "".join(path.read_text("utf-8") for path in (ROOT / "entrypoints" / "service").rglob("*.py"))
    assert len(named) >= 6
    assert set() == {words for words in named if f'"{words}"' not in written}
